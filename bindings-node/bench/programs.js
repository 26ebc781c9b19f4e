/** Starting the programs of this folder, and others. */

import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const path = (name) => fileURLToPath(new URL(name, import.meta.url))

/** What a program of this folder prints, as JSON. */
export const printed = async (name, ...given) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', path(name), ...given])
  return JSON.parse(stdout)
}

/** A server of this folder, for as long as it is used. */
export const withServer = (given, use) =>
  withProgram(process.execPath, ['--expose-gc', path('servers.js'), ...given], use)

/** The server that all clients call: ours in Rust, the fastest at hand. */
export const withPeer = (serve, use) => withProgram(serve, ['serve', '--port', '0'], use)

/** A program that tells its URL, and answers each line that it is told. */
const withProgram = async (program, given, use) => {
  const child = spawn(program, given, { stdio: ['pipe', 'pipe', 'ignore'] })
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const ask = async () => {
      child.stdin.write('\n')
      return JSON.parse((await lines.next()).value)
    }
    return await use(await urlIn(lines, program), ask)
  } finally {
    child.kill()
  }
}

const urlIn = async (lines, program) => {
  for (;;) {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${program} ended, and told no URL`)
    const [url] = /http:\S+/.exec(value) ?? []
    if (url !== undefined) return url
  }
}
