// What the packed package holds, and what it asks of where it is installed.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { archives, projects, run, sources, tool } from './packed.js'

/** The files of an archive. */
const files = async (archive) => {
  const { stdout } = await run('tar', ['--list', '--gzip', '--file', archive])
  const names = stdout.trim().split('\n')
  return names.map((name) => name.replace(/^package\//, '')).sort()
}

test('what is compiled is there, with its types, in both forms, and nothing else', async () => {
  const modules = readdirSync(join(sources, 'ts'), { recursive: true }).filter((name) => name.endsWith('.ts'))
  const compiled = modules.flatMap((name) => {
    const module = name.replace(/\.ts$/, '')
    return ['cjs', 'esm'].flatMap((form) => [`${form}/${module}.js`, `${form}/${module}.d.ts`])
  })
  const others = ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'native.cjs', 'native.d.cts', 'package.json']
  assert.deepEqual(await files(archives.package), [...compiled, ...others, 'cjs/package.json'].sort())
})

test('the native half is a package for each platform', async () => {
  const native = `mcp-sansio.${process.platform}-${process.arch}`
  const held = await files(archives.platform)
  assert.deepEqual(
    held.filter((name) => !name.startsWith(native)),
    ['README.md', 'package.json'],
  )
  assert.equal(held.length, 3)
})

test('its version is written in three places, and is the same', async () => {
  const { version } = JSON.parse(readFileSync(join(sources, 'package.json'), 'utf8'))
  const { VERSION } = await import('../../esm/version.js')
  const [, ofCrate] = readFileSync(join(sources, '../Cargo.toml'), 'utf8').match(/^version = "(.*)"$/m)
  assert.deepEqual([VERSION, ofCrate], [version, version])
})

test('publint has nothing to say', async () => {
  const { stdout } = await tool('publint', 'run', archives.package, '--strict')
  assert.match(stdout, /All good!/)
})

// Node 20 resolves by `exports`, and so does whatever compiles for it.
test('the types are those of what is imported, for every resolver of today', async () => {
  await tool('attw', archives.package, '--profile', 'node16')
})

test('it brings nothing but its native half', () => {
  const installed = readdirSync(join(projects.bare, 'node_modules')).filter((name) => !name.startsWith('.'))
  assert.equal(installed.length, 2)
  assert.equal(installed[0], 'mcp-sansio')
  assert.match(installed[1], /^mcp-sansio-/)
})

/** The names that a program finds exported; it must end by itself. */
const names = async (flags, program) => {
  const { stdout } = await run(process.execPath, [...flags, '--eval', program], { cwd: projects.bare })
  return stdout.trim().split(' ').sort()
}

for (const entry of ['mcp-sansio', 'mcp-sansio/machine']) {
  test(`${entry} is the same to import and to require, and needs nothing else`, async () => {
    const imported = await names(
      ['--input-type=module'],
      `import * as names from '${entry}'; console.log(...Object.keys(names))`,
    )
    const required = await names(['--input-type=commonjs'], `console.log(...Object.keys(require('${entry}')))`)
    assert.deepEqual(imported, required)
    assert.ok(imported.includes('Client') && imported.includes('Server'))
  })
}

test('what is no entry cannot be imported', async () => {
  const program = `await import('mcp-sansio/esm/errors.js')`
  await assert.rejects(run(process.execPath, ['--input-type=module', '--eval', program], { cwd: projects.bare }), {
    message: /ERR_PACKAGE_PATH_NOT_EXPORTED/,
  })
})

test('without its native half it says which package is missing', async () => {
  const program = `
    const Module = require('node:module')
    const load = Module._load
    Module._load = (name, ...rest) => {
      if (/mcp-sansio[-.]/.test(name)) throw Object.assign(new Error('no ' + name), { code: 'MODULE_NOT_FOUND' })
      return load(name, ...rest)
    }
    require('mcp-sansio')`
  await assert.rejects(run(process.execPath, ['--eval', program], { cwd: projects.bare }), {
    message: /Cannot find native binding/,
  })
})
