// Bytes and texts of every kind: views of any buffer, texts beyond each limit, halves of characters.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'

import * as fc from 'fast-check'
import { Client, Server } from 'mcp-sansio'

import { holds } from './promises/holds.js'
import { json, message, sse } from './promises/peers.js'

const MIB = 1 << 20
const url = 'http://server.test/mcp'
const identity = { name: 'bytes', version: '1' }
const modern = { versions: ['2026-07-28', '2026-07-28'], known: { version: '2026-07-28' } }

const calling = (settings, headers = [json]) => {
  const client = new Client(url, identity, { ...modern, ...settings })
  client.call(0, 'tools/call', '{"name":"a"}')
  const [{ exchange, body }] = client.drain().outputs
  client.head(0, exchange, 200, headers)
  return { client, exchange, id: JSON.parse(body).id }
}

const outcomeOf = (client) => client.drain().outputs.find(({ type }) => type === 'settled')

const fed = (chunks, { client, exchange }) => {
  for (const chunk of chunks) client.chunk(0, exchange, chunk)
  client.end(0, exchange)
  return outcomeOf(client)
}

const filled = (view, text) => {
  view.set(Buffer.from(text))
  return view
}

const result = { resultType: 'complete', content: ['ä€𝄞'] }

test('a body is read from any view of bytes', () => {
  const views = {
    'a Uint8Array': (size) => new Uint8Array(size),
    'a Buffer of the pool': (size) => Buffer.allocUnsafe(size),
    'a part of a buffer': (size) => new Uint8Array(new ArrayBuffer(size + 20), 7, size),
    'shared memory': (size) => new Uint8Array(new SharedArrayBuffer(size)),
    'memory that can grow': (size) => new Uint8Array(new ArrayBuffer(size, { maxByteLength: size * 2 }), 0, size),
    'another realm': (size) => runInNewContext('new Uint8Array(size)', { size }),
    'a WebAssembly memory': (size) => new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 3, size),
  }
  for (const [name, make] of Object.entries(views)) {
    const on = calling()
    const text = message(on.id, { result })
    const outcome = fed([filled(make(Buffer.byteLength(text)), text)], on)
    assert.deepEqual(JSON.parse(outcome.result), result, name)
  }
})

test('a view without bytes, because its buffer is gone or has shrunk, is empty', () => {
  const detached = new Uint8Array(8)
  structuredClone(detached.buffer, { transfer: [detached.buffer] })
  const shrunk = new ArrayBuffer(16, { maxByteLength: 16 })
  const outside = new Uint8Array(shrunk, 8, 8)
  const tracking = new Uint8Array(shrunk, 4)
  shrunk.resize(2)
  const on = calling()
  const text = Buffer.from(message(on.id, { result }))
  const outcome = fed([detached, text, outside, tracking, new Uint8Array(0)], on)
  assert.deepEqual(JSON.parse(outcome.result), result)
})

test('bytes are read at once: what becomes of them later is no matter', () => {
  const on = calling()
  const text = Buffer.from(message(on.id, { result }))
  on.client.chunk(0, on.exchange, text)
  text.fill(0)
  on.client.end(0, on.exchange)
  assert.deepEqual(JSON.parse(outcomeOf(on.client).result), result)
})

for (const [what, headers, kind] of [
  ['a body', [json], 'too_large'],
  ['an event', [sse], 'too_large'],
]) {
  test(`${what} beyond its limit, in one piece of 64 MiB, ends its call and is not kept`, () => {
    const on = calling({}, headers)
    const { client, exchange } = on
    client.chunk(0, exchange, Buffer.concat([Buffer.from('data: "'), Buffer.alloc(64 * MIB, 'x')]))
    const { failure } = outcomeOf(client)
    assert.equal(failure.kind, kind)
    assert.equal(failure.execution, 'unknown')
    assert(client.inspect().bytes < 1_000)
  })
}

test('a result of just less than the limit arrives as it was', () => {
  const on = calling()
  const large = { resultType: 'complete', content: ['ä€𝄞x'.repeat(MIB)] }
  const outcome = fed([Buffer.from(message(on.id, { result: large }))], on)
  assert.deepEqual(JSON.parse(outcome.result), large)
})

test('params of 32 MiB go out as they are', () => {
  const client = new Client(url, identity, modern)
  const name = 'ä'.repeat(16 * MIB)
  client.call(0, 'tools/call', JSON.stringify({ name: 'a', arguments: { name } }))
  const [{ type, body }] = client.drain().outputs
  assert.equal(type, 'open')
  assert(body.includes(name))
})

test('a request beyond the limit of a server is refused, and the server holds nothing of it', () => {
  const server = new Server(identity)
  const headers = {
    host: 'localhost',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }
  const exchange = server.accept(0, 'POST', headers)
  server.chunk(0, exchange, Buffer.alloc(64 * MIB, '{'))
  const { outputs } = server.drain()
  assert.deepEqual(
    outputs.filter(({ type }) => type === 'head').map(({ status }) => status),
    [413],
  )
  assert.equal(server.inspect().bytes, 0)
})

test('any text at all is written as text, and halves of characters as the sign for one that is none', (t) => {
  const half = fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code))
  const text = fc.string({ unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), half) })
  const property = fc.property(text, text, text, (name, reason, header) => {
    const client = new Client(url, identity, modern)
    const call = client.call(0, 'tools/call', `{"name":"a","arguments":${JSON.stringify({ name })}}`)
    const raw = client.call(0, 'tools/call', `{"name":"a","arguments":{"raw":"\ud800"}}`)
    client.call(0, name, undefined, { headers: [['x', header]] })
    client.cancel(0, call, reason)
    client.failed(0, raw, reason)
    for (const { body, headers = [] } of client.drain().outputs) {
      if (body) assert.equal(JSON.stringify(JSON.parse(body)).length > 0, true)
      for (const [, value] of headers) assert.doesNotMatch(value, /[\r\n]/)
    }
    const sent = client.inspect()
    assert(sent.calls.length <= 2)
  })
  holds(t, 150, property)
})

test('times of every kind: none of them stops the clock, or is a deadline before now', (t) => {
  const time = fc.oneof(fc.double(), fc.constantFrom(NaN, -0, -1, Infinity, -Infinity, 2 ** 53, 1e300, 5e-324))
  const property = fc.property(fc.array(fc.tuple(time, fc.boolean()), { maxLength: 20 }), (times) => {
    const client = new Client(url, identity, modern)
    const called = times.map(([now, calls]) => (calls ? client.call(now, 'ping') : (client.timeout(now), null)))
    const made = new Set(called.filter((call) => call !== null))
    const settled = []
    const drain = () => {
      const { outputs, deadline } = client.drain()
      settled.push(...outputs.filter(({ type }) => type === 'settled').map(({ call }) => call))
      return deadline
    }
    for (let deadline = drain(), n = 0; deadline !== null && made.size > settled.length && n < 500; n += 1) {
      assert(Number.isFinite(deadline), `a deadline of ${deadline}`)
      client.timeout(deadline)
      deadline = drain()
    }
    client.close(0)
    drain()
    assert.deepEqual(new Set(settled), made)
    assert.equal(settled.length, made.size, 'exactly one outcome for each call')
  })
  holds(t, 150, property)
})
