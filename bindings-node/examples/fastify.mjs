// An MCP server as a part of a Fastify application: node fastify.mjs 3000
import fastify from 'fastify'
import { App, PeerError } from 'mcp-sansio'

const app = new App({ name: 'echo', version: '1.0', capabilities: { tools: {} } }, ({ method, params }) => {
  if (method === 'tools/list') return { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] }
  if (method !== 'tools/call') throw new PeerError(-32601, `${method} is not there`)
  return { content: [{ type: 'text', text: params.arguments.text }] }
})

const web = fastify({ forceCloseConnections: 'idle' })
web.register(async (scope) => {
  // Bodies are left to the app, whatever they are: it answers what is wrong with them as MCP wants it.
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (request, payload, done) => done(null))
  scope.all('/mcp', (request, reply) => {
    reply.hijack()
    app.node(request.raw, reply.raw)
  })
})
// Before Fastify waits for responses to end, which standing streams do not by themselves.
web.addHook('preClose', () => app.close())

console.log(`${await web.listen({ port: Number(process.argv[2]), host: '127.0.0.1' })}/mcp`)
process.once('SIGTERM', () => web.close())
