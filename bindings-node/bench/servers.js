/**
 * A server of the tool `echo` on `node:http`: `node servers.js NAME ERA`.
 *
 * It prints its URL, and for each line on its standard input what it has used so far.
 */

import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { json } from 'node:stream/consumers'

import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { App, PeerError } from 'mcp-sansio'
import { createMcpHandler as oursForV1 } from 'mcp-sansio/sdk/v1'
import { createMcpHandler as oursForV2 } from 'mcp-sansio/sdk/v2/server'
import { z } from 'zod'

import { usage } from './usage.js'

const IDENTITY = { name: 'bench', version: '1' }
const echoed = (text) => ({ content: [{ type: 'text', text }] })

const ours = () =>
  new App({ ...IDENTITY, capabilities: { tools: {} } }, ({ method, params }) => {
    if (method !== 'tools/call') throw new PeerError(-32601, `${method} is not there`)
    return echoed(params.arguments.text)
  })

const build = () => {
  const server = new McpServer(IDENTITY)
  server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, ({ text }) => echoed(text))
  return server
}

const buildV1 = () => {
  const server = new McpServerV1(IDENTITY)
  server.registerTool('echo', { inputSchema: { text: z.string() } }, ({ text }) => echoed(text))
  return server
}

/** The SDK's server as it comes, or with answers as JSON. */
const official = (era, isJson) => {
  if (era === 'legacy') return withSessions(isJson, NodeStreamableHTTPServerTransport, build)
  return toNodeHandler(createMcpHandler(build, { legacy: 'reject', ...(isJson && { responseMode: 'json' }) }))
}

/** Sessions as the SDK's examples keep them: a transport and a server each. */
const withSessions = (enableJsonResponse, Transport, make) => {
  const sessions = new Map()
  return async (request, response) => {
    let transport = sessions.get(request.headers['mcp-session-id'])
    if (transport === undefined) {
      const onsessioninitialized = (id) => sessions.set(id, transport)
      transport = new Transport({ sessionIdGenerator: randomUUID, onsessioninitialized, enableJsonResponse })
      await make().connect(transport)
    }
    await transport.handleRequest(request, response)
  }
}

/** Nothing but the HTTP server, answering the same call. */
const onlyHttp = async (request, response) => {
  const { id, params } = await json(request)
  const answer = JSON.stringify({ jsonrpc: '2.0', id, result: echoed(params?.arguments?.text) })
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
  response.end(answer)
}

const SERVERS = {
  ours: () => ours().node,
  'ours as web handler': () => toNodeHandler(ours()),
  official: (era) => official(era, false),
  'official, JSON only': (era) => official(era, true),
  'official on ours': () => oursForV2(build).node,
  'official v1': () => withSessions(false, StreamableHTTPServerTransport, buildV1),
  'official v1, JSON only': () => withSessions(true, StreamableHTTPServerTransport, buildV1),
  'official v1 on ours': () => oursForV1(buildV1).node,
  'only node:http': () => onlyHttp,
}

const [name, era] = process.argv.slice(2)
// A connection that waits for the others is kept.
const server = createServer({ keepAliveTimeout: 0 }, SERVERS[name](era)).listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/mcp`)
})
for await (const _ of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(usage()))
}
process.exit()
