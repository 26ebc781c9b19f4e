// The drop-ins for the SDK's clients against servers that do anything: nothing stays pending in the SDK.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import * as fc from 'fast-check'

import { anyDeed, Faulty } from './attack/faulty.js'
import { settled, withoutHandles, withoutWarnings } from './attack/watch.js'
import { holds, met } from './promises/holds.js'
import { CLIENTS } from './sdk/clients.js'

// Longer than each bound that the transport has.
const PATIENCE = 20_000

const timing = {
  handshake: 400,
  probe: 100,
  idle: 300,
  max: 600,
  answer: 200,
  exchange: 200,
  cancel: 100,
  close: 200,
  sessionGrace: 50,
  standaloneWait: 50,
  backoff: [5, 30],
}

const abort = fc.constantFrom(undefined, undefined, undefined, 'before', 'at once', 'soon')
const act = fc.oneof(
  fc.record({ does: fc.constant('callTool'), name: fc.constantFrom('a', 'refused'), abort, progress: fc.boolean() }),
  fc.record({ does: fc.constant('ping'), abort, timeout: fc.constantFrom(undefined, 30) }),
  fc.record({ does: fc.constantFrom('notify', 'close') }),
  fc.record({ does: fc.constant('sleep'), milliseconds: fc.constantFrom(0, 1, 20) }),
)
const start = (sdk) =>
  fc.record({
    sdk: fc.constant(sdk),
    acts: fc.array(act, { minLength: 1, maxLength: 10 }),
    isKind: fc.boolean(),
    deeds: fc.array(anyDeed, { minLength: 1, maxLength: 10 }),
  })

// What was met in all runs.
const seen = new Set()

/** Begins something at a client, and gives its promise. */
const begin = (sdk, client, { does, name, progress, timeout }, signal) => {
  const options = { signal, ...(timeout && { timeout }), ...(progress && { onprogress: () => {} }) }
  if (does === 'callTool') return sdk.callTool(client, { name, arguments: {} }, options)
  if (does === 'ping') return client.ping(options)
  if (does === 'notify') return client.notification({ method: 'notifications/roots/list_changed' })
  return client.close()
}

const attack = async ({ sdk, isKind, acts, deeds }) => {
  const server = new Faulty(deeds, isKind)
  const url = await server.start()
  const client = sdk.client({ capabilities: { roots: { listChanged: true } } })
  const transport = new sdk.Ours(new URL(url), { timing })
  try {
    const connected = await settled(client.connect(transport), PATIENCE, 'connect')
    const isConnected = connected.error === undefined
    seen.add(isConnected ? 'connected' : 'not connected')
    const promises = []
    for (const given of acts) {
      if (given.does === 'sleep') await sleep(given.milliseconds)
      else if (isConnected || given.does === 'close') promises.push(begun(sdk, client, given))
    }
    for (const { error } of await Promise.all(promises)) {
      seen.add(error === undefined ? 'resolved' : 'rejected')
      assert(error === undefined || error instanceof Error, `it rejected with ${error}`)
    }
    assert.equal((await settled(client.close(), PATIENCE, 'close')).error, undefined)
    pending(client)
    await server.left(false)
    assert.deepEqual(transport.inspect().calls, [])
  } finally {
    await server.stop()
  }
}

const begun = (sdk, client, given) => {
  const controller = new AbortController()
  if (given.abort === 'before') controller.abort(new Error('before'))
  const promise = (async () => begin(sdk, client, given, controller.signal))()
  if (given.abort === 'at once') controller.abort(new Error('at once'))
  if (given.abort === 'soon') setTimeout(() => controller.abort(new Error('soon')), 2)
  return settled(promise, PATIENCE, JSON.stringify(given))
}

/** The tables of the SDK's protocol: a request that it waits for stands in one of them. */
const pending = (client) => {
  for (const table of ['_responseHandlers', '_progressHandlers', '_timeoutInfo']) {
    assert(client[table] instanceof Map, `the SDK has no ${table} any more`)
    assert.deepEqual([...client[table].keys()], [], table)
  }
}

for (const sdk of CLIENTS) {
  test(`${sdk.name}: nothing stays pending in the SDK, and nothing is left, whatever a server does`, async (t) => {
    seen.clear()
    await withoutWarnings(() => withoutHandles(() => holds(t, 20, fc.asyncProperty(start(sdk), attack))))
    met(seen, 'connected, not connected, resolved, rejected')
  })
}
