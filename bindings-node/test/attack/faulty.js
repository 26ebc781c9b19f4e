// A server of MCP that does to each of its requests what a script says: answers it, or does it wrong.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

import * as fc from 'fast-check'

import { discovered, initialized, message, notification } from '../promises/peers.js'

const capabilities = { tools: { listChanged: true } }
const cache = { ttlMs: 0, cacheScope: 'public' }
const results = {
  initialize: { ...initialized, capabilities },
  'server/discover': { ...discovered, capabilities, ...cache },
  'tools/list': { tools: [], ...cache },
}

const handshakes = new Set(['initialize', 'server/discover', 'notifications/initialized'])

/** The answer of a server that is well. */
const answerTo = ({ id, method, params }) => {
  if (params?.name === 'refused') return message(id, { error: { code: -32000, message: 'no' } })
  return message(id, { result: { resultType: 'complete', ...(results[method] ?? { content: [] }) } })
}

const json = { 'content-type': 'application/json', 'mcp-session-id': 'session' }
const sse = { ...json, 'content-type': 'text/event-stream' }
const event = (text) => `data: ${text}\n\n`

/** What is written raw, so that no HTTP library mends it. */
const raws = {
  garbage: 'no HTTP at all\r\n\r\n',
  nothing: '',
  half: 'HTTP/1.1 200 O',
  hugeHeader: `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`,
  negativeLength: 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n',
  longer: 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"jsonrpc"',
  badChunk: 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  upgrade: 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  early: 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n',
  twice: 'HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\nHTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n',
}

const status = fc.constantFrom(202, 204, 304, 307, 400, 401, 403, 404, 405, 409, 429, 500, 503)
const body = fc.constantFrom('', '<html>', '{', '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}')
const parts = fc.array(fc.constantFrom('log', 'progress', 'ask', 'comment', 'cursor', 'garbage', 'big'), {
  maxLength: 5,
})
const finish = fc.constantFrom('answer', 'answer', 'end', 'cut', 'reset', 'stay')

/** What a server does to one request. */
export const anyDeed = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ does: 'answer' }) },
  {
    weight: 6,
    arbitrary: fc.record({ does: fc.constant('stream'), parts, finish, cut: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('refuse'), status, body }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('raw'),
      raw: fc.constantFrom(...Object.keys(raws)),
      finish: fc.constantFrom('end', 'reset', 'stay', 'answer'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('wait'), milliseconds: fc.constantFrom(1, 20, 60) }) },
  { weight: 1, arbitrary: fc.constant({ does: 'last' }) },
)

/** The server, at a port of its own. */
export class Faulty {
  requests = 0
  #deeds
  #isKind
  #server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => void this.#serve(request, response))
  #sockets = new Set()
  #responses = new Set()

  /** With `isKind` it answers handshakes, and does the rest to what comes after them. */
  constructor(deeds, isKind) {
    this.#deeds = deeds
    this.#isKind = isKind
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => {}) // what the client breaks off is its right
    })
    this.#server.on('clientError', (_, socket) => socket.destroy())
  }

  async start() {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${this.#server.address().port}/mcp`
  }

  /** Waits until no request is open any more, and no connection either where its client does not share them. */
  async left(sharesConnections) {
    const open = sharesConnections ? this.#responses : this.#sockets
    for (let n = 0; open.size > 0; n += 1) {
      if (n === 500) throw new Error(`the client has closed, and left ${open.size} of what it had opened`)
      await sleep(10)
    }
  }

  async stop() {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(request, response) {
    this.#responses.add(response)
    response.on('close', () => this.#responses.delete(response))
    response.on('error', () => {})
    const given = []
    try {
      for await (const data of request) given.push(data)
    } catch {
      return undefined // the client has gone
    }
    const said = JSON.parse(Buffer.concat(given).toString() || '{}')
    if (this.#isKind && handshakes.has(said.method)) return this.#answer(request, response, said)
    const deed = this.#deeds[this.requests % this.#deeds.length]
    this.requests += 1
    return this.#do(deed, request, response, said)
  }

  async #do(deed, request, response, said) {
    switch (deed.does) {
      case 'answer':
        return this.#answer(request, response, said)
      case 'wait':
        await sleep(deed.milliseconds)
        return this.#answer(request, response, said)
      case 'last':
        response.setHeader('connection', 'close')
        return this.#answer(request, response, said)
      case 'refuse':
        return response
          .writeHead(deed.status, { ...json, location: '/mcp', 'www-authenticate': 'Bearer' })
          .end(deed.body)
      case 'raw':
        request.socket.write(raws[deed.raw])
        if (deed.finish === 'answer') return this.#answer(request, response, said)
        return this.#finish(deed.finish, request.socket)
      default:
        return this.#stream(deed, request, response, said)
    }
  }

  #answer(request, response, said) {
    if (request.method === 'GET') return response.writeHead(405).end()
    if (said.id === undefined || said.method === undefined) return response.writeHead(202).end()
    return response.writeHead(200, json).end(answerTo(said))
  }

  async #stream({ parts: events, finish: how, cut }, request, response, said) {
    const lines = {
      log: event(notification('message', { level: 'info', data: 'ä€𝄞' })),
      progress: event(notification('progress', { progressToken: said.params?._meta?.progressToken, progress: 1 })),
      ask: event(message(`ask-${this.requests}`, { method: 'roots/list' })),
      comment: ': alive\n\n',
      cursor: `id: ${this.requests}\nretry: 5\ndata:\n\n`,
      garbage: event('{nothing'),
      big: event(notification('message', { level: 'info', data: 'x'.repeat(20_000) })),
    }
    const answers = how === 'answer' && said.id !== undefined
    const text = events.map((name) => lines[name]).join('') + (answers ? event(answerTo(said)) : '')
    response.writeHead(200, sse).flushHeaders()
    const data = Buffer.from(text)
    const piece = Math.ceil(data.length / cut)
    for (let at = 0; at < data.length && !response.destroyed; at += piece) {
      response.write(data.subarray(at, at + piece))
      if (at % 3 === 0) await sleep(0)
    }
    if (how === 'answer' || how === 'end') response.end()
    else this.#finish(how, request.socket)
  }

  #finish(how, socket) {
    if (how === 'end') socket.end()
    else if (how === 'cut') socket.destroy()
    else if (how === 'reset') socket.resetAndDestroy()
  }
}
