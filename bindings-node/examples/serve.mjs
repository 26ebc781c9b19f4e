// A server with two tools, for clients of every revision of MCP: node serve.mjs 3000
//
// It ends properly when it is asked to (SIGTERM, or SIGINT by Ctrl-C): calls in flight get ten seconds.
import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'

import { App, PeerError } from 'mcp-sansio'

const tools = [
  {
    name: 'count',
    description: 'Counts, slowly.',
    inputSchema: { type: 'object', properties: { to: { type: 'integer' } }, required: ['to'] },
  },
  { name: 'greet', description: 'Asks the user for a name, and greets.', inputSchema: { type: 'object' } },
]

/** Tells how far it is. If the client cancels, or leaves for good, `request.signal` ends it. */
const count = async (request) => {
  const { to } = request.params.arguments
  for (let number = 0; number < to; number += 1) {
    request.progress(number, to)
    await setTimeout(10, undefined, { signal: request.signal })
  }
  return `counted to ${to}`
}

/** Asks the user, in whatever way the client's revision has for it. */
const greet = async (request) => {
  const requestedSchema = { type: 'object', properties: { name: { type: 'string' } } }
  const answer = await request.input('name', 'elicitation/create', { message: 'What is your name?', requestedSchema })
  return answer.action === 'accept' ? `Hello, ${answer.content.name}!` : 'Hello, whoever you are!'
}

const run = { count, greet }

const app = new App({ name: 'serve', version: '1.0', capabilities: { tools: {} } }, async (request) => {
  if (request.method === 'tools/list') return { tools }
  if (request.method !== 'tools/call') throw new PeerError(-32601, `${request.method} is not there`)
  const { name } = request.params
  if (!Object.hasOwn(run, name)) throw new PeerError(-32602, `there is no tool ${name}; see tools/list`)
  return { content: [{ type: 'text', text: await run[name](request) }] }
})

const server = createServer(app.node)
server.listen(Number(process.argv[2]), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/mcp`)
})

const end = async () => {
  server.close() // takes no new connections
  await app.close()
  server.closeIdleConnections()
}
process.once('SIGINT', end)
process.once('SIGTERM', end)
