// A server under clients and a host that do anything.
import assert from 'node:assert/strict'

import * as fc from 'fast-check'
import { Server } from 'mcp-sansio'

import * as clients from './clients.js'
import { checkOutcome } from './outcomes.js'
import * as peers from './peers.js'

/** The types of outputs that were seen in all worlds. */
export const seen = new Set()

/** How a world begins. */
export const start = fc.record({
  mode: fc.constantFrom('adaptive', 'json', 'sse'),
  sessions: fc.constantFrom(null, 0, 1, 2),
  recording: fc.constantFrom('off', 'redacted', 'whole'),
})

/** What can happen in it. */
export const kinds = {
  ...clients.kinds,
  respond: [
    peers.which,
    fc.constantFrom('{}', '{"tools":[]}', 'x', { code: -32601, message: 'no', data: null }),
    fc.boolean(),
  ],
  speak: [peers.which],
  tooLate: [peers.handle],
  endSession: [peers.which],
}

/** The server, and what its promises say must be so. */
export class ServerWorld extends clients.Clients {
  calls = new Set()

  constructor({ mode, sessions, recording }) {
    super(
      new Server(
        { name: 'promises', version: '1' },
        { ...clients.small, mode, sessions: sessions !== null, recording },
        { seed: new Uint8Array(32) },
      ),
    )
    for (let session = 0; session < sessions; session += 1) {
      this.post('initialize', false, 0, true)
      this.drain()
      this.post('note', false, session, true)
      this.get(session)
    }
  }

  // The host.

  respond(which, answer, take) {
    const request = this.#request(which)
    const isThere = this.requests.has(request) && !this.done.has(request)
    if (take) assert.equal(this.server.take(this.now, request), isThere)
    this.server.respond(this.now, request, answer)
    if (this.requests.has(request)) this.done.add(request)
  }

  speak(which) {
    const request = this.#request(which)
    this.server.notify(this.now, { request }, 'notifications/message', '{"level":"info","data":"a"}')
    this.server.notify(this.now, 'all', 'notifications/tools/list_changed')
    this.calls.add(this.server.call(this.now, { request }, 'roots/list'))
    for (const session of this.sessions.keys()) this.calls.add(this.server.call(this.now, { session }, 'roots/list'))
  }

  tooLate(handle) {
    peers.fed(this.server, () => this.server.end(this.now, handle))
    peers.fed(this.server, () => this.server.written(this.now, handle))
    this.server.cancel(this.now, handle)
    this.server.releaseConnection(this.now, { request: handle })
  }

  endSession(which) {
    this.server.endSession(this.now, peers.pick([...this.sessions.keys()], which), 'idle')
  }

  #request(which) {
    return peers.pick(peers.sorted(this.requests), which)
  }

  // The promises.

  see(output) {
    seen.add(output.type)
    switch (output.type) {
      case 'request':
        this.hasRequest(output.id, output.exchange)
        break
      case 'withdrawn':
        this.hasWithdrawn(output.id)
        break
      case 'settled':
        assert(this.calls.delete(output.call), 'exactly one outcome for each call')
        if (output.result !== undefined) seen.add('result')
        checkOutcome(output)
        break
      default:
        assert(!['message', 'unknown'].includes(output.type), output.type)
    }
  }

  keepsItsPromises() {
    super.keepsItsPromises()
    const owed = this.server.inspect().calls.map(({ id }) => id)
    assert.deepEqual(peers.sorted(owed), peers.sorted(this.calls))
  }

  finish() {
    super.finish()
    assert.equal(this.calls.size, 0)
  }
}
