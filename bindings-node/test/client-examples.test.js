// Each example of the client runs, and says what it promises.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { PATIENCE } from './client/patience.js'
import { Peer } from './client/program.js'

const run = promisify(execFile)

describe('examples', { concurrency: 2 }, () => {
  for (const [name, ...said] of [
    ['call', 'echo', 'hello'],
    ['cancel', 'given up: TimeoutError'],
    ['changes', 'the server listens to { toolsListChanged: true }', 'tools/list_changed - list again: '],
    ['progress', '1 of 3', '3 of 3', 'done'],
    ['questions', 'the server asks: what is the answer?', 'forty-two'],
    ['story', 'it may have run: the call timed out', 'POST'],
  ]) {
    test(name, async () => {
      const peer = await Peer.start('serve')
      const program = fileURLToPath(new URL(`../examples/${name}.mjs`, import.meta.url))
      const { stdout, stderr } = await run(process.execPath, [program, peer.url], { timeout: PATIENCE })
      await peer.close()
      assert.equal(stderr, '')
      for (const part of said) assert.ok(stdout.includes(part), `${part} in ${stdout}`)
    })
  }
})
