// After ten thousand machines, or ten thousand calls, nothing of them is left.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Client, Server } from 'mcp-sansio'

import { collected, growth } from './promises/memory.js'
import { json, message, sse } from './promises/peers.js'

const url = 'http://server.test/mcp'
const identity = { name: 'leaks', version: '1' }
const modern = { versions: ['2026-07-28', '2026-07-28'], known: { version: '2026-07-28' } }
const host = { host: 'localhost', 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

// What a leak of the smallest thing that each round makes would be, and what a process grows by of itself.
const stays = ({ rss, heap, external }) => {
  assert(heap < 1, `the heap grew by ${heap} MiB`)
  assert(external < 1, `what stands outside the heap grew by ${external} MiB`)
  assert(rss < 48, `the process grew by ${rss} MiB`)
}

const call = (client, n) => {
  const made = client.call(n, 'tools/call', `{"name":"${n}"}`, { progress: true })
  for (const open of client.drain().outputs.filter(({ type }) => type === 'open')) {
    const { id } = JSON.parse(open.body)
    client.head(n, open.exchange, 200, [n % 2 === 0 ? json : sse])
    const answer = message(id, { result: { resultType: 'complete', content: [] } })
    client.chunk(n, open.exchange, Buffer.from(n % 2 === 0 ? answer : `data: ${answer}\n\n`))
    client.end(n, open.exchange)
  }
  const settled = client.drain().outputs.filter(({ type }) => type === 'settled')
  assert.deepEqual([settled.length, settled[0].call, settled[0].failure], [1, made, undefined])
}

const serve = (server, n) => {
  const exchange = server.accept(n, 'POST', host)
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: identity }
  server.chunk(n, exchange, Buffer.from(message(n, { method: 'initialize', params })))
  server.end(n, exchange)
  const { session } = server.drain().outputs.find(({ type }) => type === 'sessionStarted')
  server.endSession(n, session, 'idle')
  server.drain()
}

test('machines that nobody has are gone, in whatever state they were', async () => {
  const make = () => {
    for (let n = 0; n < 1_000; n += 1) {
      const client = new Client(url, identity, n % 2 === 0 ? modern : {})
      client.call(0, 'tools/call', `{"name":"${'x'.repeat(1_000)}"}`)
      if (n % 3 === 0) client.drain()
      serve(new Server(identity), n)
    }
  }
  stays(await growth(make, 5))
})

test('an object of a machine is collected, and what it has given stays', async () => {
  let machine = new Client(url, identity)
  machine.call(0, 'ping')
  const { outputs } = machine.drain()
  const gone = new WeakRef(machine)
  machine = undefined
  await collected()
  assert.equal(gone.deref(), undefined)
  assert.equal(JSON.parse(outputs[0].body).jsonrpc, '2.0')
})

test("outputs that were drained are the caller's alone", async () => {
  const machine = new Client(url, identity)
  machine.call(0, 'ping')
  let drained = machine.drain()
  const gone = new WeakRef(drained.outputs[0])
  drained = undefined
  await collected()
  assert.equal(gone.deref(), undefined)
  assert.equal(machine.inspect().calls.length, 1)
})

test('after ten thousand calls nothing is owed, and memory is back', async () => {
  const client = new Client(url, identity, modern)
  const server = new Server(identity)
  let n = 0
  const run = () => {
    for (let turn = 0; turn < 1_000; turn += 1) {
      n += 1
      call(client, n)
      serve(server, n)
    }
  }
  stays(await growth(run, 5))
  for (const machine of [client, server]) {
    const { calls, obligations, exchanges, bytes } = machine.inspect()
    assert.deepEqual([calls, obligations, exchanges, bytes], [[], [], [], 0])
  }
})

test('large bodies are given back, whether they were sent, received or refused', async () => {
  const large = 'x'.repeat(1 << 20)
  const bytes = Buffer.from(`{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":["${large}"]}}`)
  const run = () => {
    const client = new Client(url, identity, modern)
    for (const end of ['"}}', '}}']) client.call(0, 'tools/call', `{"name":"a","arguments":{"b":"${large}${end}`)
    const open = client.drain().outputs.find(({ type }) => type === 'open')
    client.head(0, open.exchange, 200, [json])
    client.chunk(0, open.exchange, bytes)
    client.end(0, open.exchange)
    assert.equal(client.drain().outputs.find(({ type }) => type === 'settled').result.length > 1 << 20, true)
    client.chunk(0, open.exchange, bytes)
  }
  stays(await growth(run, 30))
})

test('failures with their stories, and records that are read, are given back', async () => {
  const client = new Client(url, identity, { ...modern, recording: 'whole' })
  const run = () => {
    for (let n = 0; n < 100; n += 1) {
      client.call(n, 'tools/call', '{"name":"a"}')
      const open = client.drain().outputs.find(({ type }) => type === 'open')
      client.failed(n, open.exchange, 'connection reset')
      const { failure } = client.drain().outputs.find(({ type }) => type === 'settled')
      assert(failure.story.length > 0)
      assert(client.records().length > 0)
    }
  }
  stays(await growth(run, 20))
  assert.deepEqual(client.records(), [])
})

test('arguments that are refused are not kept', async () => {
  const machine = new Client(url, identity)
  const run = () => {
    for (let n = 0; n < 1_000; n += 1) {
      assert.throws(() => machine.chunk(0, 1, { text: 'x'.repeat(1_000) }), TypeError)
      assert.throws(() => machine.call(0, 'x'.repeat(1_000), {}), TypeError)
      machine.chunk(0, 1, new Uint8Array(10_000))
      machine.head(0, 1, 200, [json])
    }
  }
  stays(await growth(run, 5))
})
