// The managed client against servers that do anything, on real connections: each call settles, nothing is left.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import * as fc from 'fast-check'
import { CallError, connect } from 'mcp-sansio'

import { anyDeed, Faulty } from './attack/faulty.js'
import { settled, withoutHandles, withoutWarnings } from './attack/watch.js'
import { holds, met } from './promises/holds.js'

// Longer than each bound that the client has, and than the machine may sleep.
const PATIENCE = 20_000

const timing = {
  handshake: 400,
  probe: 100,
  idle: 300,
  max: 600,
  answer: 200,
  authorization: 200,
  exchange: 200,
  cancel: 100,
  close: 200,
  sessionGrace: 50,
  standaloneWait: 50,
  backoff: [5, 30],
}
const versions = {
  legacy: ['2024-11-05', '2025-11-25'],
  modern: ['2026-07-28', '2026-07-28'],
  either: ['2024-11-05', '2026-07-28'],
}

const abort = fc.constantFrom(undefined, undefined, undefined, 'before', 'at once', 'soon')
const act = fc.oneof(
  fc.record({ does: fc.constant('callTool'), name: fc.constantFrom('a', 'refused'), abort, progress: fc.boolean() }),
  fc.record({ does: fc.constantFrom('listTools', 'ping'), abort }),
  fc.record({ does: fc.constantFrom('notify', 'listen', 'notifications', 'events', 'credentialsChanged', 'close') }),
  fc.record({ does: fc.constant('sleep'), milliseconds: fc.constantFrom(0, 1, 20) }),
)

const start = fc.record({
  era: fc.constantFrom('legacy', 'modern', 'either'),
  by: fc.constantFrom('node', 'fetch'),
  answersRequests: fc.constantFrom('well', 'throws', 'never'),
  authorizer: fc.constantFrom(undefined, 'grants', 'throws', 'never'),
  acts: fc.array(act, { minLength: 1, maxLength: 12 }),
  isKind: fc.boolean(),
  deeds: fc.array(anyDeed, { minLength: 1, maxLength: 12 }),
})

// What was met in all runs.
const seen = new Set()

const answers = {
  well: () => ({ roots: [] }),
  throws: () => {
    throw new Error('a handler that throws')
  },
  never: () => new Promise(() => {}),
}
const authorizers = {
  grants: { credentials: () => 'Bearer new', authorize: () => true },
  throws: {
    credentials: () => 'Bearer old',
    authorize: async () => {
      throw new Error('an authorizer that throws')
    },
  },
  never: { credentials: () => undefined, authorize: () => new Promise(() => {}) },
}

class Attack {
  promises = []
  readers = []

  constructor(client) {
    this.client = client
  }

  /** Does something; what gives a promise is watched. */
  async act({ does, name, abort: when, progress, milliseconds }) {
    const { client } = this
    const controller = new AbortController()
    if (when === 'before') controller.abort(new Error('before'))
    const options = { signal: controller.signal, ...(progress && { progress: () => {} }) }
    if (does === 'sleep') await sleep(milliseconds)
    else if (does === 'callTool') this.#watch(does, client.callTool(name, {}, options), when)
    else if (does === 'listTools' || does === 'ping') this.#watch(does, client[does](options), when)
    else if (does === 'close') this.#watch(does, client.close())
    else if (does === 'notify') client.notify('notifications/roots/list_changed')
    else if (does === 'listen') this.readers.push(client.listen({ toolsListChanged: true }))
    else if (does === 'credentialsChanged') client.credentialsChanged()
    else this.readers.push(client[does]())
    if (when === 'at once') controller.abort(new Error('at once'))
    if (when === 'soon') {
      await sleep(1)
      controller.abort(new Error('soon'))
    }
  }

  #watch(what, promise, aborts) {
    this.promises.push({ what, aborts, promise: settled(promise, PATIENCE, what) })
  }

  async end() {
    for (const { what, promise } of this.promises) {
      const { error } = await promise
      seen.add(error === undefined ? what : `${what}: ${error.code}`)
      if (error !== undefined) assert(error instanceof CallError, `${what} rejected with ${error?.stack}`)
      if (what === 'close') assert.equal(error, undefined)
    }
  }
}

const attack = async ({ era, by, answersRequests, authorizer, isKind, acts, deeds }) => {
  const server = new Faulty(deeds, isKind)
  const url = await server.start()
  const logged = []
  try {
    const { value: client, error } = await settled(
      connect(url, {
        timing,
        versions: versions[era],
        limits: { messages: 4 },
        onRequest: answers[answersRequests],
        authorizer: authorizers[authorizer],
        log: (...said) => logged.push(said),
        ...(by === 'fetch' && { fetch: globalThis.fetch }),
      }),
      PATIENCE,
      'connect',
    )
    seen.add(error === undefined ? 'connected' : `connect: ${error.code}`)
    if (client === undefined) return assert(error instanceof CallError, `connect rejected with ${error?.stack}`)
    const done = new Attack(client)
    for (const each of acts) await done.act(each)
    await done.end()
    await settled(client.close(), PATIENCE, 'close')
    for (const reader of done.readers) await settled(drained(reader), PATIENCE, 'a reader after close')
    const after = await settled(client.callTool('a'), PATIENCE, 'a call after close')
    assert.equal(after.error.code, 'closed')
    const { calls, obligations, exchanges } = client.inspect()
    assert.deepEqual([calls, obligations, exchanges], [[], [], []])
    await server.left(by === 'fetch')
  } finally {
    await server.stop()
  }
}

const drained = async (reader) => {
  let count = 0
  for await (const _ of reader) count += 1
  return count
}

test('each call settles, and nothing is left, whatever a server does', async (t) => {
  await withoutWarnings(() => withoutHandles(() => holds(t, 40, fc.asyncProperty(start, attack))))
  met(seen, 'connected, callTool, callTool: cancelled, callTool: closed, callTool: connection_lost, close')
})
