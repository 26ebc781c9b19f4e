// A server whose every byte is scripted, on raw sockets: what no real one does, or not at that moment.
import { once } from 'node:events'
import { createServer } from 'node:net'

export const LEGACY = '2025-11-25'
export const MODERN = '2026-07-28'
export const ERAS = [LEGACY, MODERN]

/** One request, and the hold on its response. */
export class Exchange {
  constructor(server, socket, head, body) {
    this.server = server
    const [first, ...lines] = head.split('\r\n')
    ;[this.http, this.path] = first.split(' ')
    this.headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    )
    this.text = body
    this.body = body === '' ? {} : JSON.parse(body)
    this.params = this.body.params ?? {}
    this.method = this.body.method ?? ''
    this.tool = this.method === 'tools/call' ? this.params.name : ''
    this.isReusable = true
    this.socket = socket
  }

  /** The whole response at once. */
  respond(status, body = '', headers = {}) {
    const lines = [`HTTP/1.1 ${status}`, `content-length: ${Buffer.byteLength(body)}`]
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
    this.send([...lines, '', body].join('\r\n'))
  }

  /** A message as the whole response. */
  json(message, status = '200 OK', headers = {}) {
    this.respond(status, JSON.stringify(message), { 'content-type': 'application/json', ...headers })
  }

  /** The result message of this request. */
  result(result) {
    const whole = this.server.version === MODERN ? { resultType: 'complete', ...result } : result
    return { jsonrpc: '2.0', id: this.body.id, result: whole }
  }

  /** The error message of this request. */
  error(code, message, data) {
    return { jsonrpc: '2.0', id: this.body.id, error: { code, message, data } }
  }

  /** The result message of a tool that says something. */
  says(text) {
    return this.result({ content: [{ type: 'text', text }] })
  }

  /** The head of an event stream that ends with the connection. */
  stream() {
    this.isReusable = false
    this.send('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n')
  }

  /** A message as an event. */
  event(message) {
    this.send(`data: ${JSON.stringify(message)}\n\n`)
  }

  /** Progress of this request, as an event. */
  progress(progress) {
    const { progressToken } = this.params['_meta']
    this.event(notification('notifications/progress', { progressToken, progress }))
  }

  /** Says nothing more until the client leaves, or the server ends. */
  async hold() {
    this.isReusable = false
    if (!this.socket.closed) await new Promise((resolve) => this.socket.once('close', resolve))
    this.server.left.push(this)
  }

  /** Resets the connection. */
  reset() {
    this.isReusable = false
    this.socket.resetAndDestroy()
  }

  /** Any bytes. */
  send(text) {
    this.socket.write(text)
  }
}

/** A server of one era, running. Its script answers each request, or gives it to `polite`. */
export class Scripted {
  requests = []
  connections = 0
  left = []
  #script
  #listener
  #open = new Set()

  /** @private */
  constructor(script, version, listen) {
    this.#script = script
    this.version = version
    this.#listener = listen((socket) => void this.#serve(socket))
  }

  static async start(script = polite, version = LEGACY, { listen = createServer, scheme = 'http' } = {}) {
    const server = new Scripted(script, version, listen)
    server.#listener.listen(0, '127.0.0.1')
    await once(server.#listener, 'listening')
    server.url = `${scheme}://127.0.0.1:${server.#listener.address().port}/mcp`
    return server
  }

  /** How many requests of this JSON-RPC or HTTP method came. */
  count(method) {
    return this.requests.filter((x) => x.method === method || x.http === method).length
  }

  /** How many connections are open. */
  get open() {
    return this.#open.size
  }

  async close() {
    for (const socket of this.#open) socket.destroy()
    this.#listener.close()
    await once(this.#listener, 'close')
  }

  async #serve(socket) {
    this.connections += 1
    this.#open.add(socket)
    socket.on('close', () => this.#open.delete(socket))
    socket.on('error', () => {}) // a client that resets its connection has left
    let bytes = Buffer.alloc(0)
    try {
      for await (const data of socket.iterator({ destroyOnReturn: false })) {
        bytes = Buffer.concat([bytes, data])
        for (let x; (x = this.#read(socket, bytes)) !== undefined;) {
          bytes = bytes.subarray(x.length)
          this.requests.push(x)
          await this.#script(x)
          if (!x.isReusable) return void socket.end()
        }
      }
      socket.end()
    } catch (error) {
      if (!['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(error.code)) throw error
    }
  }

  /** The next request, if it is there as a whole. */
  #read(socket, bytes) {
    const end = bytes.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const head = bytes.toString('latin1', 0, end)
    const length = end + 4 + Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
    if (bytes.length < length) return undefined
    return Object.assign(new Exchange(this, socket, head, bytes.toString('utf8', end + 4, length)), { length })
  }
}

/** Answers as a server should. */
export const polite = (x) => {
  const capabilities = { capabilities: { tools: { listChanged: true } } }
  const isModern = x.server.version === MODERN
  if (x.http === 'GET') return x.respond('405 Method Not Allowed')
  if (x.http === 'DELETE') return x.respond('200 OK')
  if (x.body.id === undefined || x.method === '') return x.respond('202 Accepted')
  switch (x.method) {
    case 'server/discover':
      if (isModern) return x.json(x.result({ supportedVersions: [MODERN], ...capabilities }))
      return x.json(x.error(-32601, 'method not found'), '404 Not Found')
    case 'initialize': {
      const result = { protocolVersion: LEGACY, serverInfo: { name: 'scripted', version: '1.0' }, ...capabilities }
      return x.json(x.result(result), '200 OK', { 'mcp-session-id': 'session-1' })
    }
    case 'tools/list':
      return x.json(x.result({ tools: [{ name: 'echo', inputSchema: { type: 'object' } }] }))
    case 'tools/call':
      return x.json(x.says(x.params.arguments?.text ?? ''))
    case 'ping':
      return x.json(x.result({}))
    default:
      return x.json(x.error(-32601, 'method not found'), isModern ? '404 Not Found' : '200 OK')
  }
}

/** Never answers a call of a tool but `echo`. */
export const silent = (x) => {
  if (x.tool === '' || x.tool === 'echo') return polite(x)
  x.stream()
  return x.hold()
}

/** A notification message. */
export const notification = (method, params) => ({ jsonrpc: '2.0', method, params })
