// An MCP server as a part of an Express application, which says who asks: node express.mjs 3000
//
// Nobody is asked who he is in an example: the name is taken from a header.
import express from 'express'
import { App, PeerError } from 'mcp-sansio'

const notes = new Map()

const app = new App({ name: 'notes', version: '1.0', capabilities: { tools: {} } }, (request) => {
  if (request.method === 'tools/list') return { tools: [{ name: 'remember', inputSchema: { type: 'object' } }] }
  if (request.method !== 'tools/call') throw new PeerError(-32601, `${request.method} is not there`)
  const { user } = request.http // the request of Express, with what stands in front has found out
  notes.set(user, [...(notes.get(user) ?? []), request.params.arguments.what])
  return { content: [{ type: 'text', text: `I will, ${user}` }] }
})

const web = express()
web.use((request, response, next) => {
  request.user = request.get('x-user')
  if (request.user) next()
  else response.sendStatus(401)
})
// A session belongs to whoever began it, and does not exist for anybody else.
web.all('/mcp', (request, response) => app.node(request, response, { principal: request.user }))
web.get('/notes', (request, response) => response.json(notes.get(request.user) ?? []))

const server = web.listen(Number(process.argv[2]), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/mcp`)
})

process.once('SIGTERM', async () => {
  server.close()
  await app.close()
  server.closeIdleConnections()
})
