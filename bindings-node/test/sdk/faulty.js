// A server that keeps to the protocol in all but the calls of the tool `faulty`: these end the way a fault says.
import { once } from 'node:events'
import { createServer } from 'node:http'

export const MODERN = '2026-07-28'
export const LEGACY = '2025-11-25'

const CACHE = { resultType: 'complete', ttlMs: 0, cacheScope: 'public' }
const INITIALIZED = {
  protocolVersion: LEGACY,
  capabilities: { tools: { listChanged: true } },
  serverInfo: { name: 'faulty', version: '1' },
}
const DISCOVERED = { supportedVersions: [MODERN], capabilities: { tools: { listChanged: true } }, ...CACHE }

/** One HTTP request, and the response to answer it with. */
export class Exchange {
  constructor(request, response, message) {
    this.verb = request.method
    this.headers = request.headers
    this.message = message
    this.response = response
  }

  get isResume() {
    return this.headers['last-event-id'] !== undefined
  }

  whole(status, body, headers = {}) {
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    this.response.writeHead(status, { ...type, ...headers }).end(body === undefined ? '' : JSON.stringify(body))
  }

  sse() {
    this.response.writeHead(200, { 'content-type': 'text/event-stream' })
    this.response.flushHeaders()
  }

  write(text) {
    this.response.write(text)
  }

  event(message) {
    this.write(`data: ${JSON.stringify(message)}\n\n`)
  }

  /** Writes that now and again, for as long as the client is there. */
  forEver(text) {
    const timer = setInterval(() => this.write(text), 50)
    this.response.on('close', () => clearInterval(timer))
  }

  end() {
    this.response.end()
  }

  reset() {
    this.response.socket.destroy()
  }

  answer(text, id = this.message.id) {
    return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }], resultType: 'complete' } }
  }

  reply(result) {
    return { jsonrpc: '2.0', id: this.message.id, result }
  }
}

/** Starts a server: `seen` has what was asked, `set` changes what answers, `url` is where. */
export const faulty = async (t, fault) => {
  const server = { seen: [], answers: [], handshake: undefined, fault, sessions: 0 }
  const http = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    serve(server, new Exchange(request, response, body === '' ? {} : JSON.parse(body)))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  server.url = new URL(`http://127.0.0.1:${http.address().port}/mcp`)
  server.stop = async () => {
    http.close()
    http.closeAllConnections()
  }
  t.after(server.stop)
  return server
}

const serve = (server, exchange) => {
  const method = exchange.message.method ?? exchange.verb
  server.seen.push(method)
  if (method === 'POST') server.answers.push(exchange.message)
  exchange.response.on('close', () => {
    if (!exchange.response.writableFinished) server.seen.push('gone')
  })
  if (server.handshake !== undefined && (method === 'server/discover' || method === 'initialize')) {
    return server.handshake(exchange)
  }
  switch (method) {
    case 'server/discover':
      return exchange.whole(200, exchange.reply(DISCOVERED))
    case 'initialize':
      server.sessions += 1
      return exchange.whole(200, exchange.reply(INITIALIZED), { 'mcp-session-id': `s${server.sessions}` })
    case 'tools/list':
      return exchange.whole(200, exchange.reply({ tools: [], ...CACHE }))
    case 'tools/call':
      if (exchange.message.params.name === 'good') return exchange.whole(200, exchange.answer('good'))
      return server.fault(exchange)
    case 'GET':
      return exchange.isResume ? server.fault(exchange) : exchange.whole(405)
    case 'DELETE':
      return exchange.whole(200)
    default:
      return exchange.whole(202)
  }
}

/** What a server may do instead of answering, by its name. */
export const FAULTS = {
  'no head': () => {},
  'a stream without a byte': (exchange) => exchange.sse(),
  'keep-alives for ever': (exchange) => {
    exchange.sse()
    exchange.forEver(': here I am\n\n')
  },
  'progress of another call, for ever': (exchange) => {
    const params = { progressToken: 'of another', progress: 1 }
    exchange.sse()
    exchange.forEver(`data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params })}\n\n`)
  },
  202: (exchange) => exchange.whole(202),
  'an answer to another request': (exchange) => exchange.whole(200, exchange.answer('foreign', 987654)),
  'an answer to another request, on a stream': (exchange) => {
    exchange.sse()
    exchange.event(exchange.answer('foreign', 987654))
  },
  'a stream that ends without the answer': (exchange) => {
    exchange.sse()
    exchange.write(': bye\n\n')
    exchange.end()
  },
  'half a body': (exchange) => {
    exchange.response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
    exchange.write('{"jsonrpc": "2.0", ')
  },
  'a page of some proxy': (exchange) => {
    exchange.response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>It works</h1>')
  },
  'a result that is none': (exchange) => exchange.whole(200, exchange.reply(5)),
  'a reset': (exchange) => exchange.reset(),
  'a reset within the stream': (exchange) => {
    exchange.sse()
    exchange.write(': one moment\n\n')
    setTimeout(() => exchange.reset(), 20)
  },
  503: (exchange) => exchange.whole(503),
}

/** What it may do where streams can be resumed. */
export const LEGACY_FAULTS = {
  ...FAULTS,
  'a resume that is refused': (exchange) => (exchange.isResume ? exchange.whole(400) : cursor(exchange)),
  'resumes without anything': (exchange) => {
    if (!exchange.isResume) return cursor(exchange)
    exchange.sse()
    exchange.end()
  },
  'a resume that is silent': (exchange) => (exchange.isResume ? exchange.sse() : cursor(exchange)),
}

/** A stream that ends after its first event, to be asked for the rest. */
const cursor = (exchange) => {
  exchange.sse()
  exchange.write('id: 1\nretry: 100\ndata:\n\n')
  exchange.end()
}
