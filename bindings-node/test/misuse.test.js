// Misuse of the machines: a clear error, or nothing; never a crash, and nothing is lost.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Client, ConfigError, Server } from 'mcp-sansio'

const identity = { name: 'test', version: '1' }
const url = 'http://server.test/mcp'

test('settings that cannot work are told by their names', () => {
  const make = (settings) => () => new Client(url, identity, settings)
  assert.throws(make({ timeing: {} }), { name: 'ConfigError', message: /unknown field `timeing`.*timing/ })
  assert.throws(make({ timing: { idel: 1 } }), { name: 'ConfigError', message: /^timing\.idel: unknown field/ })
  assert.throws(make({ timing: { idle: 'long' } }), { name: 'ConfigError', message: /^timing\.idle: / })
  assert.throws(make({ timing: { max: -1 } }), { name: 'ConfigError', message: /^timing\.max: -1 is no time/ })
  assert.throws(make({ limits: { calls: 0 } }), { name: 'ConfigError', message: /limits\.calls/ })
  assert.throws(make({ versions: ['2025-11-25', '1999-01-01'] }), { name: 'ConfigError', message: /1999-01-01/ })
  assert.throws(() => new Client('nowhere', identity), ConfigError)
  assert.throws(() => new Server(identity, { hosts: 7 }), { name: 'ConfigError', message: /^hosts: / })
  assert.throws(() => new Client(url, identity, {}, { seed: new Uint8Array(5) }), { message: /seed.*5 bytes/ })
})

test('what is null is no bound, and what is left out is the default', () => {
  const client = new Client(url, identity, { timing: { idle: null, handshake: 7 } })
  client.call(0, 'ping')
  assert.equal(client.inspect().calls[0].deadline, 30 * 60_000)
})

test('an argument of another type is a TypeError that names the method, and changes nothing', () => {
  const client = new Client(url, identity)
  const before = client.inspect()
  for (const wrong of [
    () => client.call('now', 'ping'),
    () => client.call(0, 7),
    () => client.call(0, 'ping', {}),
    () => client.chunk(0, 1, 'text'),
    () => client.close(),
  ]) {
    assert.throws(wrong, (error) => error instanceof TypeError && /^(call|chunk|close): /.test(error.message))
  }
  assert.throws(() => client.send(0, '{}'), { name: 'TypeError', message: /relay/ })
  assert.throws(() => new Server(identity).endSession(0, 1, 'tired'), { name: 'TypeError', message: /tired/ })
  assert.deepEqual(client.inspect(), before)
  assert.deepEqual(client.drain(), { outputs: [], deadline: null })
})

test('handles and times that are none mean nothing', () => {
  const client = new Client(url, identity)
  for (const handle of [-1, 0.5, NaN, Infinity, 2 ** 60]) {
    client.cancel(0, handle)
    client.respond(NaN, handle, '{}')
    assert.equal(client.end(-5, handle), false)
  }
  assert.deepEqual(client.drain(), { outputs: [], deadline: null })
})

test('a call after close is settled as closed', () => {
  const client = new Client(url, identity)
  client.close(0)
  const call = client.call(1, 'ping')
  const { outputs } = client.drain()
  assert.deepEqual(
    outputs.map((output) => output.type),
    ['closed', 'settled'],
  )
  assert.equal(outputs[1].call, call)
  assert.deepEqual([outputs[1].failure.kind, outputs[1].failure.execution], ['closed', 'not_sent'])
})

test('texts with halves of characters are sent as text', () => {
  const client = new Client(url, identity)
  client.call(0, 'tools/call', '{"name":"\ud800"}')
  const { outputs } = client.drain()
  assert.equal(outputs.length, 1)
})
