// A client over a `fetch` of the test's own: what the server answers is a function.
import { connect } from 'mcp-sansio'

import { discovered, initialized, message } from '../promises/peers.js'

const results = { initialize: initialized, 'server/discover': discovered, 'tools/list': { tools: [] } }
const json = { 'content-type': 'application/json', 'mcp-session-id': 'session' }
const sse = { 'content-type': 'text/event-stream' }

/** A result as a response. */
export const answered = ({ id }, result = { content: [] }) =>
  new Response(message(id, { result: { resultType: 'complete', ...result } }), { headers: json })

/** A stream that says these texts, and then stays open until it is dropped. */
export const streamed = (texts, signal) => {
  const encoder = new TextEncoder()
  const body = new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(encoder.encode(`data: ${text}\n\n`))
      signal?.addEventListener('abort', () => controller.error(signal.reason))
    },
  })
  return new Response(body, { headers: sse })
}

/** A `fetch` that makes the handshake, and has `answer(request, options)` answer all calls. */
export const fetching = (answer) => async (_url, options) => {
  if (options.method !== 'POST') return new Response(null, { status: options.method === 'GET' ? 405 : 204 })
  const said = JSON.parse(options.body)
  if (said.id === undefined || said.method === undefined) return new Response(null, { status: 202 })
  if (said.method in results) return answered(said, results[said.method])
  return answer(said, options)
}

/** A connected client. */
export const staged = (answer, options) =>
  connect('http://server.test/mcp', {
    versions: ['2025-11-25', '2025-11-25'],
    timing: { close: 200, idle: 500, max: 1_000, handshake: 1_000, cancel: 100 },
    fetch: fetching(answer),
    ...options,
  })
