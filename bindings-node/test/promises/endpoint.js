// A client's server, which does anything, and its clock.
import assert from 'node:assert/strict'

import * as fc from 'fast-check'

import * as peers from './peers.js'

const results = { initialize: peers.initialized, 'server/discover': peers.discovered }
const words = [
  'acknowledge',
  'acknowledge',
  'progress',
  'log',
  'ask',
  'comment',
  'answer',
  'garbage',
  'cancel',
  'cursor',
]
const said = fc.constantFrom(...words)

/** The revisions of each era. */
export const versions = {
  legacy: ['2024-11-05', '2025-11-25'],
  modern: ['2026-07-28', '2026-07-28'],
  either: ['2024-11-05', '2026-07-28'],
}

const acknowledgement = ({ id, params }) => ({
  _meta: { 'io.modelcontextprotocol/subscriptionId': id },
  notifications: params?.notifications ?? {},
})

/** What it can do. */
export const kinds = {
  answer: [peers.which],
  stream: [peers.which, fc.array(said, { maxLength: 4 }), fc.constantFrom('end', 'break', 'stay', 'stay')],
  refuse: [
    peers.which,
    fc.constantFrom(0, 202, 204, 307, 400, 401, 403, 404, 405, 409, 429, 500, 503),
    fc.constantFrom('', '<html>', '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"no"}}', 'long'),
  ],
  fail: [peers.which, fc.boolean()],
  wait: [peers.wait],
  waitForTheDeadline: [],
}

/** A world around a client, that carries what it opens; what it sees, the worlds that extend it say. */
export class Endpoint {
  now = 0
  room = true
  closed = false
  open = new Map()
  opened = new Set()
  answered = new Set()
  /** The exchanges that can have run nothing. */
  ranNothing = new Set()

  constructor(client) {
    this.client = client
  }

  // What names no open exchange goes to one that is not.

  answer(which) {
    this.answerWell(this.#exchange(which))
  }

  stream(which, events, end) {
    const exchange = this.#exchange(which)
    const request = this.request(exchange)
    this.answered.add(exchange)
    const progressToken = request.params?._meta?.progressToken
    const lines = {
      acknowledge: `data: ${peers.notification('subscriptions/acknowledged', acknowledgement(request))}`,
      progress: `data: ${peers.notification('progress', { progressToken, progress: 1 })}`,
      log: `data: ${peers.notification('message', { level: 'info', data: 1 })}`,
      ask: `data: ${peers.message(7, { method: 'roots/list' })}`,
      answer: `id: 3\ndata: ${peers.message(request.id, { result: { resultType: 'complete' } })}`,
      cancel: `data: ${peers.notification('cancelled', { requestId: 7 })}`,
      comment: ': alive',
      garbage: 'data: {\xff',
      cursor: 'id: 2\nretry: 10\ndata:',
    }
    this.#head(exchange, 200, [peers.sse])
    this.#chunk(exchange, events.map((word) => `${lines[word]}\n\n`).join(''), 'latin1')
    if (end === 'end') this.#end(exchange)
    else if (end === 'break') this.#failed(exchange, true)
  }

  refuse(which, status, body) {
    const exchange = this.#exchange(which)
    if (!this.answered.has(exchange) && (status >= 300 || status === 0)) this.ranNothing.add(exchange)
    this.answered.add(exchange)
    const headers = { location: '/other', 'www-authenticate': 'Bearer', 'retry-after': '1' }
    this.#head(exchange, status, [peers.json, ...Object.entries(headers)])
    this.#chunk(exchange, body === 'long' ? 'x'.repeat(5_000) : body)
    this.#end(exchange)
  }

  fail(which, sent) {
    const exchange = this.#exchange(which)
    if (!sent && !this.answered.has(exchange)) this.ranNothing.add(exchange)
    this.#failed(exchange, sent)
  }

  #exchange(which) {
    return peers.pick(peers.sorted(this.open.keys()), which)
  }

  request(exchange) {
    return JSON.parse(this.open.get(exchange)?.body || '{}')
  }

  answerWell(exchange) {
    const request = this.request(exchange)
    this.answered.add(exchange)
    if ('id' in request) {
      this.#head(exchange, 200, [peers.json, ['mcp-session-id', 'session']])
      const result = results[request.method] ?? { resultType: 'complete' }
      this.#chunk(exchange, peers.message(request.id, { result }))
    } else {
      this.#head(exchange, this.open.get(exchange)?.body ? 202 : 405, [])
    }
    this.#end(exchange)
  }

  #head(exchange, status, headers) {
    this.#feed(() => this.client.head(this.now, exchange, status, headers))
  }

  #chunk(exchange, text, encoding) {
    this.#feed(() => this.client.chunk(this.now, exchange, Buffer.from(text, encoding)))
  }

  #end(exchange) {
    this.#feed(() => this.client.end(this.now, exchange))
  }

  #failed(exchange, sent) {
    this.#feed(() => this.client.failed(this.now, exchange, 'connection lost', sent))
  }

  #feed(feed) {
    peers.fed(this.client, feed, this.room)
  }

  // Time.

  wait(milliseconds) {
    this.now += milliseconds
    this.#feedTimeout()
  }

  waitForTheDeadline() {
    const deadline = this.client.deadline()
    if (deadline === null) return
    this.now = Math.max(this.now, deadline)
    this.#feedTimeout()
  }

  #feedTimeout() {
    this.#feed(() => this.client.timeout(this.now))
    const deadline = this.drain()
    assert(deadline === null || deadline > this.now, 'a timeout leaves nothing that is due')
  }

  // The promises.

  drain() {
    const { outputs, deadline } = this.client.drain(this.room)
    for (const output of outputs) {
      if (output.type === 'open') this.#opens(output)
      else if (output.type === 'abort') this.#aborts(output)
      else this.see(output)
    }
    assert.deepEqual(this.client.drain(this.room), { outputs: [], deadline }, 'a drain takes all there is')
    return deadline
  }

  #opens(output) {
    assert(!this.closed && !this.opened.has(output.exchange), 'an exchange is opened once, and not after closed')
    this.opened.add(output.exchange)
    this.open.set(output.exchange, output)
    this.sends?.(output.exchange)
  }

  #aborts({ exchange }) {
    assert(!this.closed && this.opened.has(exchange), 'what was opened is aborted')
    this.open.delete(exchange)
  }
}
