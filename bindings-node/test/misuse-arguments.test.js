// Arguments that are none: a TypeError or a ConfigError that says which, or nothing happens; and never something else
// than what was asked for.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'
import { Client, ConfigError, Server } from 'mcp-sansio'

import { holds } from './promises/holds.js'

const identity = { name: 'test', version: '1' }
const url = 'http://server.test/mcp'
const client = (settings) => new Client(url, identity, settings)
const server = (settings) => new Server(identity, settings)
const host = { host: 'localhost', 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

test('what says to whom, and says nobody, is not for all', () => {
  const machine = server()
  for (const to of [undefined, null, {}, 7, 'everybody', { request: undefined }, { session: null }, { sesion: 1 }]) {
    const wanted = { name: 'TypeError', message: /^to: .*'all'/ }
    assert.throws(() => machine.notify(0, to, 'notifications/tools/list_changed'), wanted)
    assert.throws(() => machine.call(0, to, 'roots/list'), wanted)
    assert.throws(() => machine.releaseConnection(0, to), wanted)
  }
  assert.deepEqual(machine.drain(), { outputs: [], deadline: null })
})

test('a result that is no text is not taken for an error', () => {
  for (const machine of [client(), server()]) {
    for (const answer of [{ tools: [] }, {}, [], 7, null, undefined, { code: 'a', message: 'b' }, { code: 1 }]) {
      assert.throws(() => machine.respond(0, 1, answer), { name: 'TypeError', message: /^respond: .*JSON\.stringify/ })
    }
  }
})

test('headers that are none are told by their names', () => {
  const machine = client()
  for (const [headers, message] of [
    [null, /^headers: .*null/],
    ['accept: x', /^headers: .*string/],
    [[null], /pair/],
    [['accept'], /pair/],
    [[['accept']], /accept .*undefined/],
    [{ 'content-length': 5 }, /content-length .*number/],
    [{ accept: ['x', 5] }, /accept .*number/],
    [new Map([['accept', 5]]), /accept .*number/],
  ]) {
    assert.throws(() => machine.head(0, 1, 200, headers), { name: 'TypeError', message })
    if (headers !== null) assert.throws(() => machine.call(0, 'ping', undefined, { headers }), TypeError)
  }
})

test('a header cannot smuggle another in, in its value or in its name', () => {
  for (const headers of [
    { 'x\nauthorization': 'mine' },
    { x: '1\nauthorization: mine' },
    { 'x:authorization': 'mine' },
  ]) {
    const machine = client({ versions: ['2026-07-28', '2026-07-28'] })
    const call = machine.call(0, 'tools/list', undefined, { headers })
    const { outputs } = machine.drain()
    assert.deepEqual(
      outputs.map(({ type, call: settled, failure }) => [type, settled, failure?.kind]),
      [['settled', call, 'misuse']],
    )
  }
})

test('a time that is no number is no setting, and an infinite one is no bound', () => {
  for (const name of ['idle', 'max', 'probe']) {
    assert.throws(() => client({ timing: { [name]: NaN } }), { name: 'ConfigError', message: new RegExp(name) })
    assert.throws(() => client({ timing: { [name]: -Infinity } }), { name: 'ConfigError', message: new RegExp(name) })
  }
  assert.throws(() => client({ limits: { calls: NaN } }), { name: 'ConfigError', message: /calls/ })
  const machine = client({ timing: { max: Infinity, idle: Infinity, handshake: 1_000 } })
  machine.call(0, 'ping')
  machine.drain()
  assert.equal(machine.deadline(), 1_000)
})

test('machines that cannot be made are told why', () => {
  for (const [who, settings, options, message] of [
    [undefined, {}, {}, /^identity: .*name, version/],
    [{}, {}, {}, /^identity: /],
    [{ name: 'a', version: 1 }, {}, {}, /^identity: /],
    [{ ...identity, capabilities: '{' }, {}, {}, /capabilities/],
    [identity, null, {}, /^settings: /],
    [identity, () => ({}), {}, /^settings: /],
    [identity, {}, { seed: 'secret' }, /Uint8Array/],
    [identity, {}, { seed: Buffer.alloc(31) }, /^seed: .*31 bytes/],
  ]) {
    assert.throws(() => new Client(url, who, settings, options), { name: 'ConfigError', message })
    assert.throws(() => new Server(who, settings, options), { name: 'ConfigError', message })
  }
  assert.throws(() => server().declareTools('{}'), ConfigError)
})

test('options of a call that there are not are told', () => {
  const message = /^call: there is no option `maximum`; there are safe, progress, idle, max, headers$/
  const wrong = { maximum: 5 }
  assert.throws(() => client().call(0, 'ping', '{}', wrong), { name: 'TypeError', message })
  assert.throws(() => server().call(0, 'all', 'ping', '{}', wrong), { name: 'TypeError', message })
})

test('what is no number, text or bytes is told as people say it', () => {
  const machine = client()
  for (const [wrong, message] of [
    [() => machine.call('now', 'ping'), /^call: an argument is String, not a number$/],
    [() => machine.call(0n, 'ping'), /^call: an argument is BigInt, not a number$/],
    [() => machine.call(0, Symbol('ping')), /^call: an argument is Symbol, not a text$/],
    [() => machine.call(0, 'ping', undefined, { idle: 'long' }), /^call: idle is String, not a number$/],
    [() => machine.head(0, 1, '200', {}), /^head: an argument is String, not a number$/],
    [() => machine.drain('all'), /^drain: .*not a boolean$/],
    [() => machine.chunk(0, 1, 'text'), /^chunk: the bytes are no Uint8Array$/],
    [() => machine.chunk(0, 1, new ArrayBuffer(1)), /^chunk: the bytes are no Uint8Array$/],
    [() => machine.chunk(0, 1, new Float64Array(1)), /^chunk: the bytes are no Uint8Array$/],
    [() => machine.chunk(0, 1, new DataView(new ArrayBuffer(1))), /^chunk: the bytes are no Uint8Array$/],
  ]) {
    assert.throws(wrong, { name: 'TypeError', message })
  }
})

// Whatever there is in JavaScript, and much that is nearly right.
const anything = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
  fc.double(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('all', '{}', 'ping', 'POST', host, Symbol('s'), () => 1, new Uint8Array(3), Object.create(null)),
  fc.constantFrom({ session: 1 }, { request: 2 }, { code: 1, message: 'no' }, new Proxy({}, {}), { idle: 1 }),
)

const methodsOf = (type) => Object.getOwnPropertyNames(type.prototype).filter((name) => name !== 'constructor')

const only = (act) => {
  try {
    act()
  } catch (error) {
    assert(error instanceof TypeError || error instanceof ConfigError, `it threw ${error}`)
    assert.doesNotMatch(error.message, /\$name|rust type|napi/)
  }
}

for (const [name, make, end] of [
  ['client', (relay) => new Client(url, relay ? null : identity, {}, { relay }), (machine) => machine.close(1e6)],
  ['server', (relay) => new Server(relay ? null : identity, {}, { relay }), (machine) => machine.shutDown(1e6, 0)],
]) {
  test(`any arguments at all leave a ${name} that ends as all do`, (t) => {
    const step = fc.tuple(
      fc.constantFrom(...methodsOf(make(false).constructor)),
      fc.array(fc.oneof(fc.nat(9), fc.constantFrom('ping', '{}'), anything), { maxLength: 5 }),
    )
    const property = fc.property(fc.boolean(), fc.array(step, { maxLength: 30 }), (relay, steps) => {
      const machine = make(relay)
      for (const [method, given] of steps) only(() => machine[method](...given))
      end(machine)
      for (let now = machine.deadline(), n = 0; now !== null && n < 100; n += 1) {
        machine.drain()
        machine.timeout(now)
        now = machine.deadline()
      }
      const { calls, exchanges, obligations } = machine.inspect()
      assert.deepEqual([calls, exchanges, obligations], [[], [], []])
      assert.equal(machine.drain().deadline, null)
    })
    holds(t, 500, property)
  })
}
