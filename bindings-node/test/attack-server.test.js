// The server under clients and handlers that do anything: each request gets one answer, and nothing is left.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import * as fc from 'fast-check'
import { App, PeerError } from 'mcp-sansio'

import { anyRaid, raided, timing } from './attack/raid.js'
import { withoutHandles, withoutWarnings } from './attack/watch.js'
import { holds, met } from './promises/holds.js'

const identity = { name: 'attacked', version: '1', capabilities: { tools: {} } }
const handlers = {
  echo: () => ({ content: [] }),
  throws: () => {
    throw new Error('a handler that throws')
  },
  refuses: () => Promise.reject(new PeerError(-32000, 'no', { why: 'so' })),
  slow: async () => {
    await sleep(30)
    return { content: [] }
  },
  never: () => new Promise(() => {}),
  progress: (request) => {
    for (let n = 0; n < 20; n += 1) request.progress(n, 20, 'ä€𝄞')
    request.notify('notifications/message', { level: 'info', data: 'x'.repeat(1_000) })
    return { content: [] }
  },
  ask: (request) => request.ask('roots/list'),
  big: () => ({ content: [{ type: 'text', text: 'ä€𝄞'.repeat(60_000) }] }),
  nothing: () => undefined,
  unsayable: () => ({ n: 1n }),
  releases: async (request) => {
    request.releaseConnection(5)
    await sleep(5)
    return { content: [] }
  },
}

const handle = (request) => (request.method === 'tools/call' ? handlers[request.params.name](request) : {})

const forms = {
  request: handle,
  session: {
    request: handle,
    session: async (session) => {
      await session.run(handle)
    },
  },
  loop: {
    request: handle,
    session: async (session) => {
      for await (const request of session) void respond(request)
    },
  },
}

const respond = async (request) => {
  try {
    request.respond(await handle(request))
  } catch (error) {
    request.fail(Number.isInteger(error.code) ? error.code : -32603, error.message)
  }
}

const start = fc.record({
  form: fc.constantFrom(...Object.keys(forms)),
  mode: fc.constantFrom('adaptive', 'json', 'sse'),
  ...anyRaid,
})

// What was met in all runs.
const seen = new Set()

const attack = async ({ form, mode, ...raid }) => {
  const limits = { sessions: 4, body: 8_000 }
  const app = new App(identity, forms[form], { timing, mode, limits, log: () => {} })
  const tell = () => app.notifyAll('notifications/tools/list_changed')
  await raided(app, raid, seen, tell)
  assert.equal(app.sessions.size, 0)
}

test('each request gets one answer, and nothing is left, whatever clients do', async (t) => {
  await withoutWarnings(() => withoutHandles(() => holds(t, 40, fc.asyncProperty(start, attack))))
  met(seen, 'left, told to come back, legacy result, legacy error, modern result, modern error, none error')
})
