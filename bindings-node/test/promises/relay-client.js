// A client's relay between a server and a host that speak any JSON-RPC.
import assert from 'node:assert/strict'

import * as fc from 'fast-check'
import { Client } from 'mcp-sansio'

import * as endpoint from './endpoint.js'
import { checkFailure } from './outcomes.js'
import * as peers from './peers.js'

const clientInfo = { name: 'host', version: '1' }
const modern = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': clientInfo,
  'io.modelcontextprotocol/clientCapabilities': {},
}

/** What was met in all worlds. */
export const seen = new Set()

/** How a world begins. */
export const start = fc.record({
  era: fc.constantFrom('legacy', 'modern'),
  exchanges: fc.constantFrom(null, 3),
  connected: fc.boolean(),
})

const methods = ['tools/call', 'tools/call', 'tools/list', 'ping', 'initialize', 'subscriptions/listen', '']
// What is no message, and the id under which it is answered.
const garbage = [
  ['nonsense', 'null'],
  ['', 'null'],
  ['[]', 'null'],
  ['\ud800', 'null'],
  ['{"jsonrpc":"2.0"}', 'null'],
  ['{"jsonrpc":"2.0","id":"half"}', '"half"'],
  ['{"jsonrpc":"2.0","id":[],"method":"ping"}', '[]'],
  ['{"jsonrpc":"1.0","id":"old","method":"ping"}', '"old"'],
]

/** What can happen in it. */
export const kinds = {
  ...endpoint.kinds,
  ask: [fc.constantFrom(...methods), fc.constantFrom('new', 'new', 'new', 'text', 'again'), fc.boolean()],
  note: [fc.constantFrom('initialized', 'roots/list_changed', 'message')],
  babble: [fc.constantFrom(...garbage)],
  reply: [
    peers.which,
    fc.constantFrom('{"result":{}}', '{"error":{"code":1,"message":"no"}}', '{"result":7,"error":1}'),
  ],
  cancel: [peers.which, fc.boolean()],
  read: [fc.boolean()],
  close: [],
}

/** The relay, and what its promise says must be so. */
export class RelayWorld extends endpoint.Endpoint {
  /** The host's ids that an answer is owed to, as JSON; an id that is used again is owed one answer. */
  owed = new Set()
  /** The requests of the server. */
  asked = new Set()
  ids = 0
  closing = false

  constructor({ era, exchanges, connected }) {
    super(
      new Client(
        'http://localhost/mcp',
        null,
        { versions: endpoint.versions[era], limits: { calls: 8, exchanges, messages: 2, body: 4096, event: 4096 } },
        { relay: true, seed: new Uint8Array(32) },
      ),
    )
    this.era = era
    if (!connected || era === 'modern') return
    this.ask('initialize', 'new', false)
    this.keepsItsPromises()
    this.answer(0)
    this.keepsItsPromises()
    this.note('initialized')
  }

  // The host.

  ask(method, idKind, wantsProgress) {
    if (idKind !== 'again') this.ids += 1
    const id = idKind === 'text' ? `ä-${this.ids}` : this.ids
    const _meta = { ...(this.era === 'modern' && modern), ...(wantsProgress && { progressToken: `of ${id}` }) }
    const params = { name: 'a', protocolVersion: '2025-11-25', capabilities: {}, clientInfo, notifications: {}, _meta }
    this.owed.add(JSON.stringify(id))
    this.client.send(this.now, peers.message(id, { method, params }))
  }

  note(name) {
    this.client.send(this.now, peers.notification(name, { level: 'info', data: 1 }))
  }

  babble([text, id]) {
    this.client.send(this.now, text)
    this.owed.add(id)
  }

  reply(which, members) {
    const id = peers.pick(peers.sorted(this.asked), which)
    this.client.send(this.now, peers.message(id, JSON.parse(members)))
  }

  cancel(which, byMessage) {
    const id = peers.pick([...this.owed].sort(), which)
    if (byMessage) this.client.cancelMessage(this.now, String(id))
    else this.client.send(this.now, peers.notification('cancelled', { requestId: JSON.parse(id) }))
  }

  read(room) {
    this.room = room
  }

  close() {
    if (this.ids <= 3) return
    this.client.close(this.now)
    this.closing = true
  }

  // The promises.

  see(output) {
    switch (output.type) {
      case 'message':
        this.#seeMessage(output)
        break
      case 'closed':
        assert(this.closing && !this.closed, 'closed comes once')
        this.closed = true
        break
      case 'settled':
      case 'listenEnded':
        // The host uses its id again: it is told of the newer request only.
        assert.equal(output.failure?.kind ?? 'answered', 'cancelled')
        seen.add('replaced')
        break
      default:
        assert(
          ['sessionChanged', 'notice', 'listenGap', 'listenOpened', 'notification'].includes(output.type),
          output.type,
        )
    }
  }

  #seeMessage({ text, answers, via, failure, obligation }) {
    const said = JSON.parse(text)
    if (answers !== null) {
      assert(this.owed.delete(answers), `${answers} is answered once`)
      assert.equal(JSON.stringify(said.id), answers)
      assert.equal('error' in said, !('result' in said))
      if (failure !== null) checkFailure(failure)
      seen.add(failure?.kind ?? ('error' in said ? 'error' : 'result'))
    } else if (obligation !== null) {
      assert.equal(said.id, obligation)
      assert(!this.asked.has(obligation) && !this.closing)
      this.asked.add(obligation)
      seen.add('request')
    } else if (said.method === 'notifications/cancelled') {
      assert(this.asked.delete(said.params.requestId), 'only what was asked is withdrawn, and once')
      seen.add('withdrawn')
    } else {
      assert.match(said.method, /^notifications\//)
      assert(via === null || JSON.parse(via) !== null)
      seen.add(via === null ? 'notification' : `${said.method} via`)
    }
  }

  keepsItsPromises() {
    const deadline = this.drain()
    const { calls, exchanges, bytes } = this.client.inspect()
    assert(calls.length <= this.owed.size, 'what the client waits for is owed to the host')
    assert(bytes < 400_000)
    if (this.owed.size > 0) assert(deadline !== null, 'what is owed comes in bounded time')
    if (this.closing) assert.deepEqual([...this.owed], [])
    if (this.closed) assert.deepEqual([deadline, exchanges], [null, []])
  }

  /** Without anything from anybody all is answered by time alone; subscriptions end with the client. */
  finish() {
    this.room = true
    for (let n = 0; n < 10_000 && this.client.inspect().calls.length > 0; n += 1) this.waitForTheDeadline()
    this.keepsItsPromises()
    this.client.close(this.now)
    this.closing = true
    this.keepsItsPromises()
    for (let n = 0; n < 100 && !this.closed; n += 1) this.waitForTheDeadline()
    assert(this.closed)
    this.keepsItsPromises()
  }
}
