// An MCP server as a part of a Hono application: node hono.mjs 3000
//
// `app.fetch` takes and gives what the web's standards have, so the same lines serve under Bun and Deno.
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { App, PeerError } from 'mcp-sansio'

const app = new App({ name: 'echo', version: '1.0', capabilities: { tools: {} } }, ({ method, params }) => {
  if (method === 'tools/list') return { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] }
  if (method !== 'tools/call') throw new PeerError(-32601, `${method} is not there`)
  return { content: [{ type: 'text', text: params.arguments.text }] }
})

const web = new Hono()
web.all('/mcp', (context) => app.fetch(context.req.raw))

const server = serve({ fetch: web.fetch, hostname: '127.0.0.1', port: Number(process.argv[2]) }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}/mcp`)
})

process.once('SIGTERM', async () => {
  server.close()
  await app.close()
  server.closeIdleConnections()
})
