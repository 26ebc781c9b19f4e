// A client under a server and a host that do anything.
import assert from 'node:assert/strict'

import * as fc from 'fast-check'
import { Client } from 'mcp-sansio'

import * as endpoint from './endpoint.js'
import { checkOutcome } from './outcomes.js'
import * as peers from './peers.js'

/** How a world begins. */
export const start = fc.record({
  era: fc.constantFrom('legacy', 'modern', 'either'),
  authorizer: fc.boolean(),
  exchanges: fc.constantFrom(null, 3),
  calls: fc.nat(3),
  recording: fc.constantFrom('off', 'redacted', 'whole'),
})

/** What can happen in it. */
export const kinds = {
  ...endpoint.kinds,
  call: [
    fc.constantFrom('tools/call', 'tools/call', 'tools/list', 'ping', '', 'initialize'),
    fc.constantFrom(undefined, '{}', '[1]', '{', 'named', 'named', 'named'),
    fc.record({ safe: fc.boolean(), progress: fc.boolean(), max: fc.constantFrom(undefined, 1_000, 600_000) }),
  ],
  connect: [],
  listen: [fc.constantFrom('{"notifications":{"toolsListChanged":true}}', '{}', 'x')],
  cancel: [peers.handle],
  respond: [peers.handle, fc.constantFrom('{}', 'x', { code: 1, message: 'no', data: null })],
  authorize: [fc.boolean()],
  notify: [],
  read: [fc.boolean()],
  close: [],
}

/** The types of outputs that were seen in all worlds. */
export const seen = new Set()

const late = new Set(['settled', 'listenEnded'])

/** The client, and what its promises say must be so. */
export class ClientWorld extends endpoint.Endpoint {
  alwaysRoom = true
  closing = false
  unsettled = new Set()
  settled = new Set()
  listening = new Set()
  asked = new Set()
  named = 0
  /** By the name that a call's params carry: the exchanges that sent it. */
  sent = new Map()

  constructor({ era, authorizer, exchanges, calls, recording }) {
    const limits = { calls: 8, exchanges, messages: 2, body: 4096, event: 4096 }
    super(
      new Client(
        'http://localhost/mcp',
        { name: 'promises', version: '1' },
        { versions: endpoint.versions[era], authorizer, limits, recording },
        { seed: new Uint8Array(32) },
      ),
    )
    // Most of what can happen happens to calls of a client that is connected.
    for (let n = 0; n < calls; n += 1) {
      this.call('tools/call', 'named', { progress: true })
      for (let round = 0; round < 3; round += 1) {
        this.drain()
        const handshakes = [...this.open.values()].filter(({ body }) => !body.includes('"tools/call"'))
        for (const { exchange } of handshakes) this.answerWell(exchange)
      }
    }
  }

  // The host.

  call(method, given, options) {
    let params = given
    if (given === 'named') {
      this.named += 1
      const name = `call-${this.named}`
      params = JSON.stringify({ name })
      if (method === 'tools/call' && !options.safe) this.sent.set(name, [])
    }
    const call = this.client.call(this.now, method, params, options)
    assert(!this.unsettled.has(call) && !this.settled.has(call), 'a handle is never used twice')
    this.unsettled.add(call)
  }

  connect() {
    this.unsettled.add(this.client.connect(this.now))
  }

  listen(params) {
    this.listening.add(this.client.listen(this.now, params))
  }

  cancel(handle) {
    this.client.cancel(this.now, handle, 'because')
    this.client.unlisten(this.now, handle)
  }

  respond(handle, answer) {
    this.client.respond(this.now, handle, answer)
  }

  authorize(granted) {
    this.client.authorize(this.now, granted)
  }

  notify() {
    this.client.notify(this.now, 'notifications/roots/list_changed')
  }

  read(room) {
    this.room = room
    this.alwaysRoom &&= room
  }

  close() {
    // Not at once, so that something has happened before.
    if (this.settled.size <= 3) return
    this.client.close(this.now)
    this.closing = true
  }

  // The promises.

  see(output) {
    seen.add(output.type)
    if (this.closed) assert(late.has(output.type), 'after closed only late calls are refused')
    switch (output.type) {
      case 'settled':
        assert(this.unsettled.delete(output.call), 'exactly one outcome for each call')
        this.settled.add(output.call)
        checkOutcome(output)
        break
      case 'listenEnded':
        assert(this.listening.delete(output.listen), 'a subscription ends once')
        checkOutcome(output)
        break
      case 'listenOpened':
      case 'listenGap':
        assert(this.listening.has(output.listen))
        break
      case 'progress':
        assert(this.unsettled.has(output.call) || !this.alwaysRoom)
        assert(!this.closing)
        break
      case 'request':
        assert(!this.asked.has(output.id) && !this.closing)
        this.asked.add(output.id)
        break
      case 'withdrawn':
        assert(this.asked.delete(output.id), 'only what was asked is withdrawn, and once')
        break
      case 'notification':
      case 'unauthorized':
        assert(!this.closing, 'after close there are no messages')
        break
      case 'closed':
        assert(this.closing && !this.closed, 'closed comes once')
        this.closed = true
        break
      default:
        assert(['sessionChanged', 'notice'].includes(output.type), output.type)
    }
  }

  sends(exchange) {
    const request = this.request(exchange)
    const before = 'id' in request ? this.sent.get(request.params?.name) : undefined
    if (before === undefined) return
    assert(
      before.every((sending) => this.ranNothing.has(sending)),
      'what may have run is not sent again',
    )
    before.push(exchange)
  }

  keepsItsPromises() {
    const deadline = this.drain()
    const { calls, obligations, exchanges, bytes } = this.client.inspect()
    assert.deepEqual(peers.sorted(calls.map(({ id }) => id)), peers.sorted(this.unsettled))
    for (const call of calls) {
      assert(call.lifelines.length > 0, 'something can still bring its outcome')
      assert(call.deadline !== null && deadline !== null && deadline <= call.deadline)
    }
    assert(bytes < 400_000)
    if (this.alwaysRoom) assert(obligations.every(({ id }) => this.asked.has(id)))
    assert(calls.filter(({ method }) => method !== 'initialize').length <= 8)
    if (this.closing) assert.equal(this.unsettled.size + this.listening.size, 0)
    if (this.closed) assert.deepEqual([deadline, exchanges], [null, []])
    for (const line of this.client.records()) JSON.parse(line)
  }

  /** Without anything from anybody all ends by time alone. */
  finish() {
    this.room = true
    this.drain()
    for (let n = 0; n < 10_000 && this.unsettled.size > 0; n += 1) this.waitForTheDeadline()
    assert.equal(this.unsettled.size, 0, 'every call settles')
    this.client.close(this.now)
    this.closing = true
    this.drain()
    for (let n = 0; n < 100 && !this.closed; n += 1) this.waitForTheDeadline()
    assert(this.closed)
    this.keepsItsPromises()
  }
}
