// A server's clients, which do anything, and its clock; and what is promised to them.
import assert from 'node:assert/strict'

import * as fc from 'fast-check'

import * as peers from './peers.js'

const bodies = [
  'initialize',
  'tools/call',
  'tools/call',
  'ping',
  'subscriptions/listen',
  'bad',
  'long',
  'note',
  'reply',
]

/** Settings of a small server. */
export const small = {
  limits: { sessions: 3, obligations: 4, body: 1024, logBytes: 2048, unwritten: 2048 },
}

/** What they can do. */
export const kinds = {
  post: [fc.constantFrom(...bodies), fc.boolean(), peers.which, fc.boolean()],
  get: [peers.which],
  go: [peers.handle],
  written: [peers.which],
  wait: [peers.wait],
}

/** A world around a server, that carries what it says to clients; what else it says, the worlds that extend it see. */
export class Clients {
  now = 0
  accepted = new Set()
  gone = new Set()
  headed = new Set()
  ended = new Set()
  /** Handles of requests, and of those what nobody waits for any more. */
  requests = new Set()
  done = new Set()
  /** By its handle the key of each session. */
  sessions = new Map()
  /** The ids under which the server asked clients. */
  asked = []
  isDown = false

  constructor(server) {
    this.server = server
  }

  // The clients.

  post(body, modern, which, end) {
    const params = { name: 'a', protocolVersion: '2025-11-25', capabilities: { roots: {} } }
    const headers = [['host', 'localhost'], peers.json, ['accept', 'application/json, text/event-stream']]
    if (modern) {
      const version = '2026-07-28'
      const meta = 'io.modelcontextprotocol/'
      params._meta = { [`${meta}protocolVersion`]: version, [`${meta}clientCapabilities`]: {} }
      params.notifications = { toolsListChanged: true }
      headers.push(['mcp-protocol-version', version], ['mcp-method', body], ['mcp-name', 'a'])
    } else if (this.sessions.size > 0 && body !== 'initialize') {
      headers.push(['mcp-session-id', this.#key(which)])
    }
    const others = {
      bad: '{',
      long: 'x'.repeat(2_000),
      note: '{"jsonrpc":"2.0","method":"notifications/initialized"}',
      reply: peers.message(peers.pick(this.asked, which), { result: { roots: [] } }),
    }
    const exchange = this.#accept('POST', headers)
    const data = Buffer.from(others[body] ?? peers.message(1, { method: body, params }))
    peers.fed(this.server, () => this.server.chunk(this.now, exchange, data))
    if (end) peers.fed(this.server, () => this.server.end(this.now, exchange))
  }

  get(which) {
    const key = this.sessions.size > 0 ? this.#key(which) : 'none'
    this.#accept('GET', { host: 'localhost', accept: 'text/event-stream', 'mcp-session-id': key })
  }

  go(handle) {
    peers.fed(this.server, () => this.server.gone(this.now, handle))
    if (this.accepted.has(handle)) this.gone.add(handle)
  }

  written(which) {
    const open = [...this.headed].filter((exchange) => !this.ended.has(exchange))
    peers.fed(this.server, () => this.server.written(this.now, peers.pick(open, which)))
  }

  #accept(method, headers) {
    const exchange = this.server.accept(this.now, method, headers)
    assert(!this.accepted.has(exchange), 'a handle is never used twice')
    this.accepted.add(exchange)
    return exchange
  }

  #key(which) {
    return peers.pick([...this.sessions.values()].sort(), which)
  }

  // Time.

  wait(milliseconds) {
    this.now += milliseconds
    peers.fed(this.server, () => this.server.timeout(this.now))
    const deadline = this.drain()
    assert(deadline === null || deadline > this.now, 'a timeout leaves nothing that is due')
  }

  // The promises.

  drain() {
    const { outputs, deadline } = this.server.drain()
    for (const output of outputs) {
      assert(!this.isDown, 'shutDown is the last output')
      this.#carry(output)
    }
    assert.deepEqual(this.server.drain(), { outputs: [], deadline }, 'a drain takes all there is')
    return deadline
  }

  #carry(output) {
    const { exchange } = output
    const isOpen = this.headed.has(exchange) && !this.ended.has(exchange)
    switch (output.type) {
      case 'head':
        assert(this.accepted.has(exchange) && !this.headed.has(exchange) && !this.gone.has(exchange), 'one head')
        assert(output.status >= 200 && output.status < 600)
        this.headed.add(exchange)
        if (output.body !== null) this.ended.add(exchange)
        break
      case 'chunk':
        assert(isOpen)
        this.#readAsked(output.data)
        break
      case 'end':
      case 'abort':
        assert(isOpen, 'one end')
        this.ended.add(exchange)
        break
      case 'sessionStarted':
        assert(!this.sessions.has(output.session))
        this.sessions.set(output.session, output.key)
        break
      case 'sessionEnded':
        assert(this.sessions.delete(output.session), 'a session ends once')
        break
      case 'shutDown':
        this.isDown = true
        break
    }
    this.see(output)
  }

  #readAsked(data) {
    for (const [, line] of data.matchAll(/^data: ?(\{.*\})$/gm)) {
      const { method, id } = JSON.parse(line)
      if (method !== undefined && id !== undefined) this.asked.push(id)
    }
  }

  /** What every kind of output that hands over, or takes back, a client's request must be. */
  hasRequest(id, exchange) {
    assert(!this.requests.has(id))
    assert(!this.headed.has(exchange), 'no byte of an answer leaves before it is taken')
    this.requests.add(id)
  }

  hasWithdrawn(id) {
    assert(this.requests.has(id) && !this.done.has(id), 'what is withdrawn was waiting')
    this.done.add(id)
  }

  keepsItsPromises() {
    this.drain()
    const { obligations, exchanges, bytes } = this.server.inspect()
    const owed = [...this.requests].filter((id) => !this.done.has(id))
    const open = [...this.accepted].filter((id) => !this.ended.has(id) && !this.gone.has(id))
    assert.deepEqual(peers.sorted(obligations.map(({ id }) => id)), peers.sorted(owed))
    assert.deepEqual(peers.sorted(exchanges.map(({ id }) => id)), peers.sorted(open))
    assert(bytes < 200_000)
    for (const line of this.server.records()) JSON.parse(line)
  }

  /** A shut down ends everything by time alone. */
  finish() {
    this.server.shutDown(this.now, 5_000)
    for (const milliseconds of [0, 5_000, 61_000]) this.wait(milliseconds)
    assert(this.isDown)
    this.keepsItsPromises()
    assert.equal(this.sessions.size, 0)
    assert.deepEqual(peers.sorted(this.requests), peers.sorted(this.done))
  }
}
