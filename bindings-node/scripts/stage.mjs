// Makes what is published, in a folder of its own: the package, and below npm/ one package for each platform, with the
// native half for it. npm installs of those only what fits the machine.
//
//   node scripts/stage.mjs FOLDER NATIVE.. [--only TARGET]
//
// NATIVE.. are the files that `npm run build` makes, one on each platform of `napi.targets` in package.json. All of
// them must be there; with --only the package knows no other platform than that.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const sources = fileURLToPath(new URL('..', import.meta.url))

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } })
const [given, ...natives] = positionals
if (given === undefined || natives.length === 0) throw new Error('usage: stage.mjs FOLDER NATIVE.. [--only TARGET]')
const folder = resolve(given)

// What napi says is told if it fails.
const napi = (...command) => {
  const program = join(sources, 'node_modules/.bin/napi')
  const ran = spawnSync(program, [...command, '--cwd', folder, '--npm-dir', 'npm'], { encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(`napi ${command[0]}: ${ran.error ?? ran.stdout + ran.stderr}`)
}

rmSync(folder, { recursive: true, force: true })
mkdirSync(join(folder, 'artifacts'), { recursive: true })
for (const native of natives) cpSync(native, join(folder, 'artifacts', basename(native)))

const description = JSON.parse(readFileSync(join(sources, 'package.json'), 'utf8'))
for (const name of [...description.files, 'README.md']) {
  const source = name.startsWith('LICENSE') ? join(sources, '..', name) : join(sources, name)
  cpSync(source, join(folder, name), { recursive: true })
}
if (values.only !== undefined) description.napi.targets = [values.only]
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(description, null, 2)}\n`)

napi('create-npm-dirs')
napi('artifacts', '--output-dir', 'artifacts')
// Writes the platforms into `optionalDependencies`, and fails if one has no native half.
napi('prepublish', '--skip-optional-publish', '--no-gh-release')
