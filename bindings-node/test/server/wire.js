// What MCP clients put on the wire, written by hand.

export const LEGACY = '2025-11-25'
export const MODERN = '2026-07-28'

const META = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: {}, sampling: {} },
}

export const request = (method, params, id = 1) => ({ jsonrpc: '2.0', id, method, ...(params && { params }) })

export const notification = (method, params) => ({ jsonrpc: '2.0', method, ...(params && { params }) })

/** The first request of a session; the client can be asked. */
export const initialize = (version = LEGACY) =>
  request(
    'initialize',
    {
      protocolVersion: version,
      capabilities: { sampling: {}, elicitation: {} },
      clientInfo: { name: 'raw', version: '1' },
    },
    0,
  )

/** A tool's call; with a token it wants progress. */
export const call = (name, { id = 1, token, ...given } = {}) =>
  request('tools/call', { name, arguments: given, ...(token && { _meta: { progressToken: token } }) }, id)

/** The same request as clients of 2026-07-28 make it. */
export const modern = (message) => ({
  ...message,
  params: { ...message.params, _meta: { ...message.params?._meta, ...META } },
})

/** The headers of whatever belongs to a session. */
export const inSession = (session) => ({ 'mcp-session-id': session, 'mcp-protocol-version': LEGACY })

/** The headers of the GET that opens a standalone stream, or resumes a stream. */
export const standing = (session, cursor) => ({
  ...inSession(session),
  accept: 'text/event-stream',
  ...(cursor && { 'last-event-id': cursor }),
})

/** The headers of the POST that carries a message. */
export const posting = (message, session) => ({
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  ...(session && inSession(session)),
  ...(message.params?._meta?.['io.modelcontextprotocol/protocolVersion'] && {
    'mcp-protocol-version': MODERN,
    'mcp-method': message.method,
    ...(message.params.name && { 'mcp-name': message.params.name }),
  }),
})

/** Reads events out of the text of a stream. */
export class Events {
  cursor = undefined
  #rest = ''

  /** The messages that are whole with this text. Comments and events without data are passed over. */
  feed(text) {
    const events = (this.#rest + text).split('\n\n')
    this.#rest = events.pop()
    return events.flatMap((event) => {
      const lines = event.split('\n').filter((line) => !line.startsWith(':'))
      const fields = Object.fromEntries(lines.map((line) => [line.split(':', 1)[0], line.slice(line.indexOf(':') + 1)]))
      this.cursor = fields.id?.trim() ?? this.cursor
      return fields.data?.trim() ? [JSON.parse(fields.data)] : []
    })
  }
}
