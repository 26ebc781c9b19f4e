// Machines in threads: each thread has its own; none can be given to another, and a thread may end in the midst.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { MessageChannel, Worker } from 'node:worker_threads'

import { Client, Server } from 'mcp-sansio'

const native = createRequire(import.meta.url)('../native.cjs')
const identity = { name: 'threads', version: '1' }
const program = new URL('threads/worker.js', import.meta.url)
const work = (seed, rounds) => new Worker(program, { workerData: { seed, rounds } })

const ends = async (worker) => {
  const errors = []
  worker.on('error', (error) => errors.push(error))
  const [code] = await once(worker, 'exit')
  assert.deepEqual(errors, [])
  return code
}

test('machines keep their promises in several threads at once', async () => {
  const codes = await Promise.all([1, 2, 3].map((seed) => ends(work(seed, 2))))
  assert.deepEqual(codes, [0, 0, 0])
})

test('threads that are ended in the midst take nothing with them', async () => {
  for (let round = 0; round < 2; round += 1) {
    const workers = [1, 2, 3].map((seed) => work(seed, 1e6))
    await Promise.all(
      workers.map(async (worker) => {
        await once(worker, 'message')
        await worker.terminate()
      }),
    )
  }
  const machine = new Client('http://server.test/mcp', identity)
  machine.call(0, 'ping')
  assert.equal(machine.drain().outputs[0].type, 'open')
})

test('threads that load the package and end at once, one after another', async () => {
  const source = `import { Client } from ${JSON.stringify(import.meta.resolve('mcp-sansio'))}
    globalThis.machines = Array.from({ length: 100 }, () => new Client('http://server.test/mcp', ${JSON.stringify(identity)}))
    for (const machine of machines) machine.connect(0)`
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`)
  for (let round = 0; round < 5; round += 1) assert.equal(await ends(new Worker(url)), 0)
})

test('a machine is no message: its handle cannot be sent, and a copy of its object is no machine', () => {
  const { port1, port2 } = new MessageChannel()
  const machines = [new Client('http://server.test/mcp', identity), new Server(identity)]
  for (const machine of machines) {
    const copy = structuredClone(machine)
    const { drain } = Object.getPrototypeOf(machine)
    assert.equal(copy.drain, undefined)
    assert.throws(() => drain.call(copy), TypeError)
    assert.deepEqual(machine.drain(), { outputs: [], deadline: null }, 'the machine is as it was')
    assert.throws(() => structuredClone(machine, { transfer: [machine] }), Error)
  }
  const handles = [
    native.clientNew('http://server.test/mcp', '{"info":"{}","capabilities":"{}"}', '{}', new Uint8Array(32), false),
    native.serverNew('{"info":"{}","capabilities":"{}"}', '{}', new Uint8Array(32), false),
  ]
  for (const handle of handles) {
    assert.throws(() => port1.postMessage(handle), { name: 'DataCloneError' })
    assert.throws(() => new Worker('', { eval: true, workerData: handle }), { name: 'DataCloneError' })
  }
  port1.close()
  port2.close()
})

test('a handle of one kind of machine, or what is no handle, is an error for all functions of the other', () => {
  const server = native.serverNew('{"info":"{}","capabilities":"{}"}', '{}', new Uint8Array(32), false)
  const given = [0, 1, 200, '', true, null, null]
  for (const [name, run] of Object.entries(native)) {
    if (typeof run !== 'function' || !name.startsWith('client') || name === 'clientNew') continue
    for (const handle of [
      server,
      {},
      7,
      null,
      undefined,
      () => {},
      Object.create(server),
      new Client('http://a/', identity),
    ]) {
      assert.throws(() => run(handle, ...given), Error, name)
    }
  }
})
