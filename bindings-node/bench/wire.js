/** The call that everybody makes, and how it looks on the wire without any MCP library. */

/** A text of 64 characters goes to the tool `echo` and comes back. */
export const CALL = { name: 'echo', arguments: { text: '0123456789abcdef'.repeat(4) } }

const [MODERN, LEGACY] = ['2026-07-28', '2025-11-25']
const ACCEPT = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
const META = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

/** The revisions of an era, for our client. */
export const VERSIONS = { legacy: ['2024-11-05', LEGACY], modern: [MODERN, MODERN] }

/** The headers of the call. In the legacy era a session is begun for it. */
export const headersOf = async (era, url) => {
  if (era === 'modern') {
    return { ...ACCEPT, 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': CALL.name }
  }
  const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo: { name: 'raw', version: '1' } }
  const begun = await post(url, ACCEPT, { jsonrpc: '2.0', id: 1, method: 'initialize', params })
  const session = begun.headers.get('mcp-session-id')
  const headers = { ...ACCEPT, 'mcp-protocol-version': LEGACY, ...(session !== null && { 'mcp-session-id': session }) }
  await post(url, headers, { jsonrpc: '2.0', method: 'notifications/initialized' })
  return headers
}

/** The body of the call. */
export const bodyOf = (era) => {
  const params = era === 'modern' ? { ...CALL, _meta: META } : CALL
  return JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params })
}

const post = async (url, headers, message) => {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(message) })
  await response.text()
  if (!response.ok) throw new Error(`the server answers ${response.status}`)
  return response
}
