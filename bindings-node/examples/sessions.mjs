// A server that sets something up for each session, and takes it down when the session ends: node sessions.mjs 3000
//
// Sessions are of the revisions up to 2025-11-25. Clients that know newer ones, too, find that out.
import { createServer } from 'node:http'

import { App, PeerError } from 'mcp-sansio'

/** Lives as long as its session does. */
const host = async (session) => {
  const words = []
  const reason = await session.run((request) => handle(words, request))
  console.log(`the session of ${session.params.clientInfo.name} ended: ${reason}, with ${words.length} words`)
}

/** What one client has stored, no other finds. */
const handle = (words, { method, params }) => {
  if (method === 'tools/list') {
    return { tools: ['add', 'all'].map((name) => ({ name, inputSchema: { type: 'object' } })) }
  }
  if (method !== 'tools/call') throw new PeerError(-32601, `${method} is not there`)
  if (params.name === 'add') words.push(params.arguments.word)
  return { content: [{ type: 'text', text: words.join(' ') }] }
}

const app = new App({ name: 'sessions', version: '1.0', capabilities: { tools: {} } }, { session: host })
const server = createServer(app.node)
server.listen(Number(process.argv[2]), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/mcp`)
})

process.once('SIGTERM', async () => {
  server.close()
  await app.close()
  server.closeIdleConnections()
})
