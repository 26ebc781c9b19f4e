/** Where the packed package is: bindings-node/run packs it, and installs it as its users do. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const { MCP_SANSIO_PACKED: folder } = process.env
if (folder === undefined) throw new Error('nothing is packed: run these tests by bindings-node/run')

/** The archives: `package`, and `platform` with the native half for this machine. */
export const archives = {
  package: join(folder, 'archives/package.tgz'),
  platform: join(folder, 'archives/platform.tgz'),
}

/** Empty projects into which they are installed: with nothing else, and with what the README says to install. */
export const projects = { bare: join(folder, 'bare'), readme: join(folder, 'readme') }

/** Where the sources of the package are. */
export const sources = fileURLToPath(new URL('../..', import.meta.url))

/** Runs a program to its end; what it wrote. Rejects with all of that if it fails. */
export const run = (program, given, options = {}) =>
  new Promise((resolve, reject) => {
    execFile(program, given, { timeout: 120_000, ...options }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stdout}`))
      else resolve({ stdout, stderr })
    })
  })

/** Runs a program that npm installed for the tests. */
export const tool = (name, ...given) => run(join(sources, 'node_modules/.bin', name), given)
