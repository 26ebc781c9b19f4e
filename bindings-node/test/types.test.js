// What compilers know of the package: test/types compiles, and what must not compile there does not (@ts-expect-error).
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'

const compiler = fileURLToPath(import.meta.resolve('typescript/package.json')).replace('package.json', 'bin/tsc')
const project = fileURLToPath(new URL('types', import.meta.url))

test('the types say what may be done, and what may not', () => {
  const { status, stdout } = spawnSync(process.execPath, [compiler, '--project', project], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
})
