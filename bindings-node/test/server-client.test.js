// Our own client and our own server, end to end: over sockets, and without any.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { CallFailed, connect, PeerError } from 'mcp-sansio'

import { hosted } from './server/hosts.js'
import { event, logging, site, sleep, text, until, within } from './server/site.js'

const IDENTITY = { name: 'tests', version: '1.0', capabilities: { elicitation: {} } }

/** Runs a test with a client of an app: under a host, or, without one, by its `fetch` alone. */
const connected = async (kind, version, handler, options, run) => {
  const meet = async (here) => {
    const url = `http://127.0.0.1:${here.port ?? 3000}/mcp`
    const client = await connect(url, {
      identity: IDENTITY,
      versions: [version, version],
      onRequest: () => ({ action: 'accept', content: { seats: 2 } }),
      ...(kind === 'fetch' && { fetch: (to, init) => here.app.fetch(new Request(to, init)) }),
    })
    try {
      await run(client, here)
    } finally {
      await within(client.close())
    }
  }
  if (kind === 'fetch') await site(handler, options, meet)
  else await hosted(kind, handler, options, meet)
}

for (const kind of ['fetch', 'node:http', 'hono']) {
  for (const version of ['2025-11-25', '2026-07-28']) {
    const on = (name, handler, run, options = {}) =>
      test(`${kind}, ${version}: ${name}`, () => connected(kind, version, handler, options, run))

    on(
      'calls, progress, questions, errors',
      async (asked) => {
        if (asked.method === 'prompts/get') throw new PeerError(-32602, 'no such prompt', { try: 'none' })
        for (const step of [1, 2, 3]) {
          asked.progress(step, 3, `step ${step}`)
          await sleep(1)
        }
        const form = { message: 'How many?', requestedSchema: { type: 'object', properties: {} } }
        const { content } = await asked.input('seats', 'elicitation/create', form)
        return text(`${content.seats} seats for ${asked.params.arguments.name}`)
      },
      async (client) => {
        const told = []
        const progress = (step) => told.push(step.message)
        const { content } = await client.callTool('book', { name: 'Ada' }, { progress })
        assert.equal(content[0].text, '2 seats for Ada')
        // Since 2026-07-28 the handler has run twice.
        const steps = ['step 1', 'step 2', 'step 3']
        assert.deepEqual(told, version === '2025-11-25' ? steps : [...steps, ...steps])
        const error = await client.request('prompts/get', { name: 'none' }).catch((thrown) => thrown)
        assert.deepEqual([error.code, error.message, error.data], [-32602, 'no such prompt', { try: 'none' }])
      },
    )

    const began = event()
    const withdrawn = event()
    on(
      'a call that is aborted is aborted at the server',
      async (asked) => {
        asked.signal.addEventListener('abort', () => withdrawn.set(asked.withdrawn))
        began.set()
        await until(() => asked.withdrawn)
      },
      async (client) => {
        const giving = new AbortController()
        const call = client.callTool('long', {}, { signal: giving.signal })
        await within(began)
        giving.abort()
        await assert.rejects(within(call), (error) => error instanceof CallFailed && error.code === 'cancelled')
        assert.equal(await within(withdrawn), version === '2025-11-25' ? 'cancelled' : 'gone')
      },
    )

    on(
      'what changes is told',
      () => ({}),
      async (client, here) => {
        await client.ping()
        for await (const change of client.listen({ toolsListChanged: true })) {
          if (change.type === 'opened') here.app.notifyAll('notifications/tools/list_changed')
          if (change.type === 'notification') {
            assert.equal(change.method, 'notifications/tools/list_changed')
            break
          }
        }
      },
    )

    const going = event()
    const go = event()
    on(
      'a server that ends lets calls end first',
      async (asked) => {
        asked.progress(1)
        going.set()
        await go
        return text('in time')
      },
      async (client, here) => {
        const call = client.callTool('slow', {}, { progress: () => {} })
        await within(going)
        const ended = here.app.close(600_000)
        const late = await client.outcome('tools/call', { name: 'late' })
        assert.notEqual(late.type, 'result')
        go.set()
        assert.equal((await within(call)).content[0].text, 'in time')
        await within(ended)
      },
    )

    on(
      'large answers, and many at once',
      ({ params }) => text('ü'.repeat(params.arguments.length)),
      async (client) => {
        const lengths = Array.from({ length: 50 }, (_, index) => index * 2000)
        const results = await within(Promise.all(lengths.map((length) => client.callTool('long', { length }))))
        assert.deepEqual(
          results.map(({ content }) => content[0].text.length),
          lengths,
        )
      },
    )
  }
}

test('connections that break under a call are mended: it is answered once', async () => {
  const runs = []
  const go = event()
  const handle = async (asked) => {
    runs.push(asked.id)
    asked.progress(1)
    await go
    return text('kept')
  }
  await connected('node:http', '2025-11-25', handle, {}, async (client, { server }) => {
    const begun = event()
    const call = client.callTool('slow', {}, { progress: begun.set })
    await within(begun)
    server.closeAllConnections()
    go.set()
    assert.equal((await within(call)).content[0].text, 'kept')
    assert.equal(runs.length, 1)
  })
})

test('a client finds out which revision an app speaks', async () => {
  for (const [handler, expected] of [
    [() => ({}), '2026-07-28'],
    [{ session: (session) => session.run(() => ({})) }, '2025-11-25'],
  ]) {
    const { app } = logging(handler)
    const client = await connect('http://localhost/mcp', { fetch: (to, init) => app.fetch(new Request(to, init)) })
    assert.equal(client.version, expected)
    await within(client.close())
    await within(app.close(0))
  }
})
