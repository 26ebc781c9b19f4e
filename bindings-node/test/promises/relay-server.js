// A server's relay between clients and a host that speak any JSON-RPC.
import assert from 'node:assert/strict'

import * as fc from 'fast-check'
import { Server } from 'mcp-sansio'

import * as clients from './clients.js'
import { checkFailure } from './outcomes.js'
import * as peers from './peers.js'

/** What was met in all worlds. */
export const seen = new Set()

/** How a world begins. */
export const start = fc.record({
  mode: fc.constantFrom('adaptive', 'json', 'sse'),
  sessions: fc.constantFrom(null, 0, 1, 2),
})

const answers = ['{"result":{}}', '{"result":{"tools":[]}}', '{"error":{"code":-32601,"message":"no"}}', '{"result":7}']
const texts = ['nonsense', '', '[]', '{"jsonrpc":"2.0","id":null}']

/** What can happen in it. */
export const kinds = {
  ...clients.kinds,
  answer: [peers.which, fc.constantFrom(...answers), fc.boolean()],
  ask: [peers.which, fc.constantFrom('session', 'via', 'nobody'), fc.boolean()],
  note: [peers.which, fc.constantFrom('message', 'tools/list_changed', 'progress')],
  babble: [fc.constantFrom(...texts)],
  cancel: [peers.which],
}

/** The relay, and what its promises say must be so. */
export class RelayWorld extends clients.Clients {
  /** The client's requests, as they came. */
  messages = []
  /** The host's requests that an answer is owed to, by session and id. */
  owed = new Map()
  ids = 0

  constructor({ mode, sessions }) {
    super(
      new Server(
        null,
        { ...clients.small, mode, sessions: sessions !== null },
        { relay: true, seed: new Uint8Array(32) },
      ),
    )
    for (let session = 0; session < sessions; session += 1) {
      this.post('initialize', false, 0, true)
      this.drain()
      this.answer(session, JSON.stringify({ result: peers.initialized }), true)
      this.drain()
      this.post('note', false, session, true)
      this.get(session)
    }
  }

  // The host.

  answer(which, members, takes) {
    const message = peers.pick(this.messages, which)
    if (typeof message === 'number') return this.#send(peers.message(which, JSON.parse(members)))
    const { obligation, session } = message
    if (takes) assert.equal(this.server.take(this.now, obligation), !this.done.has(obligation))
    this.#send(peers.message(obligation, JSON.parse(members)), { session, via: obligation })
    return this.done.add(obligation)
  }

  ask(which, to, again) {
    const message = peers.pick(this.messages, which)
    const session = peers.pick([...this.sessions.keys()], which)
    const given = { session: { session }, via: { session: message.session, via: message.obligation }, nobody: {} }[to]
    if (!again) this.ids += 1
    this.#owe(given.session, JSON.stringify(this.ids))
    this.#send(peers.message(this.ids, { method: 'roots/list' }), given)
  }

  note(which, name) {
    const { session, obligation } = peers.pick(this.messages, which)
    const params = { level: 'info', data: 'a', progressToken: 1, progress: 1 }
    this.#send(peers.notification(name, params), { session, via: obligation })
  }

  babble(text) {
    this.#owe(undefined, 'null')
    this.#send(text)
  }

  cancel(which) {
    const { session, id = '0' } = peers.pick([...this.owed.values()], which)
    this.#send(peers.notification('cancelled', { requestId: JSON.parse(id) }), { session })
  }

  #send(text, to) {
    this.server.send(this.now, text, to)
  }

  #owe(session, id) {
    this.owed.set(this.#key(session, id), { session, id })
  }

  #key(session, id) {
    return `${session ?? ''}/${id}`
  }

  // The promises.

  see(output) {
    switch (output.type) {
      case 'message':
        this.#seeMessage(output)
        break
      case 'settled':
        // The host uses its id again: it is told of the newer request only.
        assert.equal(output.failure.kind, 'cancelled')
        seen.add('replaced')
        break
      default:
        assert(!['request', 'withdrawn', 'progress', 'notification', 'unknown'].includes(output.type), output.type)
    }
  }

  #seeMessage(message) {
    const { text, answers: id, failure, obligation, session, exchange } = message
    const said = JSON.parse(text)
    if (id !== null) {
      assert(this.owed.delete(this.#key(session, id)), `${id} is answered once`)
      assert.equal(JSON.stringify(said.id), id)
      assert.equal('error' in said, !('result' in said))
      if (failure !== null) checkFailure(failure)
      seen.add(failure?.kind ?? ('error' in said ? 'error' : 'result'))
    } else if (obligation !== null) {
      assert.equal(said.id, obligation)
      this.hasRequest(obligation, exchange)
      this.messages.push(message)
      seen.add(said.method)
    } else if (said.method === 'notifications/cancelled') {
      this.hasWithdrawn(said.params.requestId)
      seen.add('withdrawn')
    } else {
      assert.match(said.method, /^notifications\//)
      seen.add('notification')
    }
  }

  keepsItsPromises() {
    super.keepsItsPromises()
    assert.equal(this.server.inspect().calls.length, this.owed.size)
  }

  finish() {
    super.finish()
    assert.deepEqual([...this.owed], [])
  }
}
