// A server of the official SDK on this package's engine: what changes is where `createMcpHandler` comes from.
//
//     node sdk-server.mjs 3000
//
// For version 1 of the SDK it is in `mcp-sansio/sdk/v1`.
import { createServer } from 'node:http'

import { McpServer } from '@modelcontextprotocol/server'
import { createMcpHandler } from 'mcp-sansio/sdk/v2/server'
import { z } from 'zod'

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'counter', version: '1.0' })
  const description = 'Counts, and tells how far it is.'
  server.registerTool(
    'count',
    { description, inputSchema: z.object({ to: z.number() }) },
    async ({ to }, { mcpReq }) => {
      for (let progress = 1; progress <= to; progress += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        const params = {
          progressToken: mcpReq._meta?.progressToken,
          progress,
          total: to,
          message: `that was ${progress}`,
        }
        if (params.progressToken !== undefined) await mcpReq.notify({ method: 'notifications/progress', params })
      }
      return { content: [{ type: 'text', text: `counted to ${to}` }] }
    },
  )
  return server
})

const http = createServer(handler.node)
http.listen(Number(process.argv[2]), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${http.address().port}/mcp`)
})

// Requests in flight get five seconds when the server is told to end.
process.once('SIGTERM', async () => {
  http.close()
  await handler.close(5000)
  http.closeAllConnections()
})
