// Clients that do what they like to a server: over connections of node:http, raw ones, or a `fetch` handler called at once.
import { once } from 'node:events'
import * as http from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import * as fc from 'fast-check'

import { message, notification } from '../promises/peers.js'

const meta = 'io.modelcontextprotocol/'
const version = '2026-07-28'
const accept = 'application/json, text/event-stream'
const clientInfo = { name: 'raw', version: '1' }

const tools = [
  'echo',
  'throws',
  'refuses',
  'slow',
  'never',
  'progress',
  'ask',
  'big',
  'nothing',
  'unsayable',
  'releases',
]
const leaves = fc.constantFrom('never', 'never', 'never', 'at once', 'at head', 'soon')

/** What a client does. */
export const deed = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      does: fc.constant('post'),
      era: fc.constantFrom('legacy', 'legacy', 'modern', 'none'),
      tool: fc.constantFrom(...tools),
      body: fc.constantFrom('whole', 'whole', 'whole', 'slow', 'cut', 'garbage', 'huge'),
      leaves,
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('get'), leaves }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('delete', 'cancel', 'listen', 'initialize'), leaves }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('raw'),
      text: fc.constantFrom(
        'nonsense\r\n\r\n',
        'POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{',
        'POST /mcp HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
        'POST /mcp HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n',
        'GET /mcp HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
        'GET /mcp HTTP/1.1\r\nhost: evil.test\r\n\r\nGET /mcp HTTP/1.1\r\nhost: localhost\r\n\r\n',
      ),
    }),
  },
)

/** What a request says: its method, headers and body, and the id that its answer must have. */
export const requestOf = ({ does, era, tool, body }, id, key) => {
  const headers = { host: 'localhost', accept, ...(key !== undefined && { 'mcp-session-id': key }) }
  if (does === 'get') return { method: 'GET', headers: { ...headers, accept: 'text/event-stream' } }
  if (does === 'delete') return { method: 'DELETE', headers }
  headers['content-type'] = 'application/json'
  if (does === 'cancel') return { method: 'POST', headers, body: notification('cancelled', { requestId: id - 1 }) }
  if (does === 'initialize') {
    delete headers['mcp-session-id']
    const params = { protocolVersion: '2025-11-25', capabilities: { roots: {} }, clientInfo }
    return { method: 'POST', headers, id, body: message(id, { method: 'initialize', params }) }
  }
  const params = { name: tool, arguments: {}, _meta: { progressToken: id } }
  const method = does === 'listen' ? 'subscriptions/listen' : 'tools/call'
  if (era === 'modern' || does === 'listen') {
    delete headers['mcp-session-id']
    Object.assign(headers, { 'mcp-protocol-version': version, 'mcp-method': method, 'mcp-name': tool ?? '' })
    if (does === 'listen') Object.assign(params, { notifications: { toolsListChanged: true } })
    const says = { protocolVersion: version, clientCapabilities: {}, clientInfo }
    for (const [name, value] of Object.entries(says)) params._meta[meta + name] = value
  } else if (era === 'none') delete headers['mcp-session-id']
  const text = message(id, { method, params: { ...params, pad: body === 'huge' ? 'x'.repeat(10_000) : '' } })
  return { method: 'POST', headers, id, body: body === 'garbage' ? '{nothing' : text }
}

/** Sends it over a connection of its own, and gives status, text and session; null if the client left before, or the answer was cut. */
export const overNode = async (url, { method, headers, body }, how) => {
  const request = http.request(url, { method, headers, agent: false })
  request.on('error', () => {}) // the client leaves, or the server cuts the connection
  const closed = new Promise((resolve) => request.on('close', resolve))
  const answered = new Promise((resolve) => request.on('response', resolve))
  await write(request, body, how.body)
  if (how.leaves === 'at once') request.destroy()
  else if (how.leaves === 'soon') setTimeout(() => request.destroy(), 5)
  const response = await Promise.race([answered, closed])
  if (response === undefined || how.leaves === 'at head') {
    request.destroy()
    return null
  }
  return read(response, response.statusCode, response.headers['mcp-session-id'])
}

const write = async (request, body, how) => {
  if (body === undefined || (how !== 'slow' && how !== 'cut')) return request.end(body)
  const half = Math.floor(body.length / 2)
  request.write(body.slice(0, half))
  await sleep(2)
  return how === 'cut' ? request.destroy() : request.end(body.slice(half))
}

/** Hands it to a `fetch` handler. */
export const overFetch = async (handler, { method, headers, body }, how) => {
  const controller = new AbortController()
  const given = body === undefined ? null : how.body === 'slow' || how.body === 'cut' ? pieces(body, how.body) : body
  const options = { method, headers, body: given, signal: controller.signal, duplex: 'half' }
  const answered = handler(new Request('http://localhost/mcp', options))
  if (how.leaves === 'at once') controller.abort()
  else if (how.leaves === 'soon') setTimeout(() => controller.abort(), 5)
  const response = await answered
  if (how.leaves === 'at head') {
    await response.body?.cancel()
    return null
  }
  if (how.leaves !== 'never') {
    await response.body?.cancel().catch(() => {})
    return null
  }
  return read(response.body ?? [], response.status, response.headers.get('mcp-session-id'))
}

const pieces = (body, how) =>
  new ReadableStream({
    async start(controller) {
      const bytes = new TextEncoder().encode(body)
      controller.enqueue(bytes.subarray(0, 10))
      await sleep(2)
      if (how === 'cut') return controller.error(new Error('the client has gone'))
      controller.enqueue(bytes.subarray(10))
      return controller.close()
    },
  })

const read = async (stream, status, session) => {
  const chunks = []
  try {
    for await (const chunk of stream) chunks.push(chunk)
  } catch {
    return null
  }
  return { status, session, text: Buffer.concat(chunks).toString() }
}

/** Writes anything to a connection, and leaves it a little later. */
export const overSocket = async (port, text) => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(text)
  await sleep(10)
  socket.destroy()
  if (!socket.closed) await once(socket, 'close')
}

/** The JSON-RPC messages of an answer, as JSON or as a stream. */
export const messagesOf = (text) => {
  if (text.startsWith('{')) return [JSON.parse(text)]
  return [...text.matchAll(/^data: ?(\{.*\})$/gm)].map(([, line]) => JSON.parse(line))
}
