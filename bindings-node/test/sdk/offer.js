// Servers of the SDK, of both generations, with all that these tests ask of one.
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import {
  CreateMessageResultSchema,
  ElicitResultSchema,
  ListRootsResultSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { inputRequired, McpServer as McpServerV2 } from '@modelcontextprotocol/server'
import { z } from 'zod'

const INFO = { name: 'offer', version: '1' }
const OPTIONS = {
  capabilities: { logging: {}, tools: { listChanged: true }, resources: { listChanged: true, subscribe: true } },
  instructions: 'Ask.',
}
const QUESTION = { messages: [{ role: 'user', content: { type: 'text', text: 'What is the answer?' } }], maxTokens: 16 }
const FORM = {
  message: 'What is the answer?',
  requestedSchema: { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] },
}

const said = (text) => ({ content: [{ type: 'text', text: String(text) }] })
const answers = {
  sampling: (result) => said(`sampling: ${result.content.text}`),
  elicitation: (result) => said(`elicitation: ${result.content.answer}`),
  roots: (result) => said(`roots: ${result.roots[0].uri}`),
}

const metaOf = ({ _meta: meta }) => ({ meta })

/** What happened in the servers of a test. */
export const observer = () => ({ made: [], started: 0, cancelled: 0, closed: 0, notified: [] })

/** Tools that are alike; `notify`, `signal` and so on are what the generations have in other places. */
const TOOLS = {
  echo: [{ text: z.string() }, ({ text }) => said(text)],
  fail: [{}, () => Promise.reject(new Error('failed on purpose'))],
  header: [{ name: z.string() }, ({ name }, host) => said(host.header(name))],
  who: [{}, (_args, host) => said(host.authInfo?.clientId)],
  session: [{}, (_args, host) => said(host.sessionId !== undefined)],
  count: [
    { to: z.number() },
    async ({ to }, host) => {
      for (let progress = 1; progress <= to; progress += 1) {
        const params = { progressToken: host.meta.progressToken, progress, total: to, message: `step ${progress}` }
        await host.notify({ method: 'notifications/progress', params })
      }
      return said('counted')
    },
  ],
  log: [
    { text: z.string() },
    async ({ text }, host) => {
      await host.log(text)
      return said('logged')
    },
  ],
  wait: [
    {},
    (_args, host, seen) =>
      new Promise((_, reject) => {
        seen.started += 1
        host.signal.addEventListener('abort', () => {
          seen.cancelled += 1
          reject(new Error('nobody waits any more'))
        })
      }),
  ],
  rest: [
    { ms: z.number() },
    async ({ ms }, _host, seen) => {
      seen.started += 1
      await new Promise((resolve) => setTimeout(resolve, ms))
      return said('rested')
    },
  ],
  poll: [
    {},
    async (_args, host) => {
      host.release()
      await new Promise((resolve) => setTimeout(resolve, 100))
      return said('polled')
    },
  ],
  change: [
    {},
    async (_args, host) => {
      await host.changed()
      return said('changed')
    },
  ],
  ask: [{ kind: z.string() }, ({ kind }, host) => host.ask(kind)],
}

/** A server of the older generation. */
export const offerV1 = (seen) => {
  const server = new McpServerV1(INFO, OPTIONS)
  const host = (extra) => ({
    header: (name) => extra.requestInfo.headers[name],
    authInfo: extra.authInfo,
    sessionId: extra.sessionId,
    ...metaOf(extra),
    notify: extra.sendNotification,
    signal: extra.signal,
    log: (data) => extra.sendNotification({ method: 'notifications/message', params: { level: 'info', data } }),
    release: () => extra.closeSSEStream(),
    changed: () => server.server.sendToolListChanged(),
    ask: async (kind) => {
      const [method, params, schema] = {
        sampling: ['sampling/createMessage', QUESTION, CreateMessageResultSchema],
        elicitation: ['elicitation/create', FORM, ElicitResultSchema],
        roots: ['roots/list', {}, ListRootsResultSchema],
      }[kind]
      return answers[kind](await extra.sendRequest({ method, params }, schema))
    },
  })
  return offered(server, seen, host)
}

/** A server of the newer generation, for both eras. */
export const offerV2 = (seen, context) => {
  const server = new McpServerV2(INFO, OPTIONS)
  seen.made.push(context)
  const host = (ctx) => ({
    header: (name) => ctx.http.req.headers.get(name),
    authInfo: ctx.http?.authInfo,
    sessionId: ctx.sessionId,
    ...metaOf(ctx.mcpReq),
    notify: ctx.mcpReq.notify,
    signal: ctx.mcpReq.signal,
    log: (data) => ctx.mcpReq.log('info', data),
    release: () => ctx.http.closeSSE(),
    changed: () => server.server.sendToolListChanged(),
    ask: (kind) => {
      const answer = ctx.mcpReq.inputResponses?.[kind]
      if (answer !== undefined) return answers[kind](answer)
      const request = {
        sampling: () => inputRequired.createMessage(QUESTION),
        elicitation: () => inputRequired.elicit(FORM),
        roots: () => inputRequired.listRoots(),
      }[kind]()
      return inputRequired({ inputRequests: { [kind]: request } })
    },
  })
  return offered(server, seen, host)
}

const offered = (server, seen, host) => {
  for (const [name, [inputSchema, run]] of Object.entries(TOOLS)) {
    const schema = server instanceof McpServerV1 ? inputSchema : z.object(inputSchema)
    server.registerTool(name, { inputSchema: schema }, (args, extra) => run(args, host(extra), seen))
  }
  server.registerResource('greeting', 'test://greeting', {}, (uri) => ({
    contents: [{ uri: uri.href, text: 'good day' }],
  }))
  server.server.onclose = () => {
    seen.closed += 1
  }
  return server
}
