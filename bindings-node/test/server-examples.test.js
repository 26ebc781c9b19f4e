// The examples of the server do what they say, and end when they are asked to.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { CallFailed, connect } from 'mcp-sansio'

import { event, until, within } from './server/site.js'

const text = (result) => result.content[0].text

/** Runs an example; `run` gets its URL, and the lines that it says after that. */
const example = async (name, run) => {
  const program = fileURLToPath(new URL(`../examples/${name}.mjs`, import.meta.url))
  const child = spawn(process.execPath, [program, '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const lines = createInterface(child.stdout)
    const [url] = await within(once(lines, 'line'))
    const said = []
    lines.on('line', (line) => said.push(line))
    const finished = once(child, 'close')
    let isEnding = false
    const end = () => {
      if (!isEnding) child.kill('SIGTERM')
      isEnding = true
    }
    await run(url, said, end)
    end()
    assert.deepEqual(await within(finished), [0, null])
  } finally {
    child.kill('SIGKILL')
  }
}

for (const version of ['2025-11-25', '2026-07-28']) {
  test(`serve, for a client of ${version}`, () =>
    example('serve', async (url, _said, end) => {
      const told = []
      const client = await connect(url, {
        identity: { name: 'tests', version: '1.0', capabilities: { elicitation: {} } },
        versions: [version, version],
        onRequest: () => ({ action: 'accept', content: { name: 'Ada' } }),
      })
      assert.deepEqual(
        (await client.listTools()).map(({ name }) => name),
        ['count', 'greet'],
      )
      const counting = client.callTool('count', { to: 3 }, { progress: ({ progress }) => told.push(progress) })
      assert.equal(text(await counting), 'counted to 3')
      assert.deepEqual(told, [0, 1, 2])
      assert.equal(text(await client.callTool('greet')), 'Hello, Ada!')
      // The end waits for what is in flight, and for nothing else.
      const begun = event()
      const last = client.callTool('count', { to: 50 }, { progress: begun.set })
      await within(begun)
      end()
      assert.equal(text(await last), 'counted to 50')
      await client.close()
    }))
}

test('express', () =>
  example('express', async (url) => {
    const client = await connect(url, { headers: { 'x-user': 'ada' } })
    assert.equal(text(await client.callTool('remember', { what: 'tea' })), 'I will, ada')
    await client.close()
    const notes = (user) => fetch(url.replace('/mcp', '/notes'), { headers: { 'x-user': user } })
    assert.deepEqual(await (await notes('ada')).json(), ['tea'])
    assert.deepEqual(await (await notes('bob')).json(), [])
    await assert.rejects(connect(url), (error) => error instanceof CallFailed && error.code === 'unauthorized')
  }))

for (const name of ['fastify', 'hono']) {
  test(name, () =>
    example(name, async (url) => {
      for (const version of ['2025-11-25', '2026-07-28']) {
        const client = await connect(url, { versions: [version, version] })
        assert.equal(text(await client.callTool('echo', { text: version })), version)
        // One has a standing stream, which ends with the server.
        if (version === '2026-07-28') await client.close()
      }
    }),
  )
}

test('sessions', () =>
  example('sessions', async (url, said) => {
    const [one, other] = await Promise.all([connect(url), connect(url)])
    await one.callTool('add', { word: 'tea' })
    assert.equal(text(await one.callTool('all')), 'tea')
    assert.equal(text(await other.callTool('all')), '')
    await one.close()
    await other.close()
    await until(() => said.length === 2)
    assert.deepEqual(said.sort(), [
      'the session of mcp-sansio ended: deleted, with 0 words',
      'the session of mcp-sansio ended: deleted, with 1 words',
    ])
  }))
