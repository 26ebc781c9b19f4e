// The homes for the SDK's servers under clients that do anything: each request gets one answer, and nothing is left.
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server'
import * as fc from 'fast-check'
import { createMcpHandler as homeV1 } from 'mcp-sansio/sdk/v1'
import { createMcpHandler as homeV2 } from 'mcp-sansio/sdk/v2/server'

import { anyRaid, raided, timing } from './attack/raid.js'
import { withoutHandles, withoutWarnings } from './attack/watch.js'
import { holds, met } from './promises/holds.js'

const said = (text) => ({ content: [{ type: 'text', text }] })
const tools = {
  echo: () => said('echo'),
  throws: () => {
    throw new Error('a tool that throws')
  },
  refuses: () => Promise.reject(new Error('a tool that rejects')),
  slow: async () => {
    await sleep(30)
    return said('slow')
  },
  never: () => new Promise(() => {}),
  progress: async (host) => {
    const notify = host.sendNotification ?? ((given) => host.mcpReq.notify(given))
    for (let n = 0; n < 20; n += 1) {
      await notify({ method: 'notifications/message', params: { level: 'info', data: 'ä€𝄞' } })
    }
    return said('progress')
  },
  ask: () => said('asks nobody'),
  big: () => said('ä€𝄞'.repeat(60_000)),
  nothing: () => {},
  unsayable: () => ({ content: [], n: 1n }),
  releases: (host) => {
    host.closeSSEStream?.()
    return said('released')
  },
}

const serverOf = (McpServer) => () => {
  const server = new McpServer({ name: 'attacked', version: '1' }, { capabilities: { logging: {} } })
  for (const [name, run] of Object.entries(tools)) server.registerTool(name, {}, run)
  return server
}

const start = fc.record({ mode: fc.constantFrom('adaptive', 'json', 'sse'), ...anyRaid })
const changed = 'notifications/tools/list_changed'

for (const [name, McpServer, home, tell, words] of [
  ['v1', McpServerV1, homeV1, (host) => host.notifyAll(changed), 'legacy result, legacy error, modern error'],
  ['v2', McpServerV2, homeV2, (host) => host.notify.toolsChanged(), 'legacy result, legacy error, modern result'],
]) {
  test(`${name}: each request gets one answer, and nothing is left, whatever clients do`, async (t) => {
    const seen = new Set()
    const attack = async ({ mode, ...raid }) => {
      const limits = { sessions: 4, body: 8_000 }
      const host = home(serverOf(McpServer), { timing, mode, limits, log: () => {} })
      await raided(host, raid, seen, () => tell(host))
    }
    await withoutWarnings(() => withoutHandles(() => holds(t, 25, fc.asyncProperty(start, attack))))
    met(seen, `left, none error, ${words}`)
  })
}
