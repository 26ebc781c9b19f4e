/** The types of the managed client and of the server. */
/* oxlint-disable eslint/no-new -- it need only compile, or not */

import { createServer } from 'node:http'

import {
  App,
  BadResult,
  CallFailed,
  connect,
  type Event,
  type JsonObject,
  type McpClient,
  type McpRequest,
  type McpSession,
  type Outcome,
  PeerError,
  type SubscriptionEvent,
} from 'mcp-sansio'

import { holds, never, type Same } from './assert.js'

/** Has a case for each outcome. */
export const ended = (outcome: Outcome): string => {
  switch (outcome.type) {
    case 'result':
      holds<Same<typeof outcome.result, JsonObject>>()
      return 'result'
    case 'error':
      return outcome.error.message
    case 'failure':
      return outcome.failure.kind + outcome.story
    default:
      return never(outcome)
  }
}

/** Has a case for each event of a subscription. */
export const heard = (event: SubscriptionEvent): string => {
  switch (event.type) {
    case 'opened':
      return Object.keys(event.filter).join()
    case 'notification':
      return event.method
    case 'gap':
      return 'gap'
    case 'ended':
      return ended(event.outcome)
    default:
      return never(event)
  }
}

/** Has a case for each event of a client. */
export const told = (event: Event): string => {
  switch (event.type) {
    case 'notice':
      return event.detail
    case 'sessionChanged':
      return event.change
    case 'recordingEnded':
      return String(event.error)
    default:
      return never(event)
  }
}

/** What is rejected with is told apart by its class, or by its code. */
export const why = (error: unknown): string => {
  if (error instanceof CallFailed) {
    // @ts-expect-error: there is no such word
    if (error.code === 'tired') return 'never'
    return error.code === 'timed_out' && error.execution === 'unknown' ? 'late' : error.story.join()
  }
  if (error instanceof PeerError) return error.code.toFixed(0)
  return error instanceof BadResult ? error.code : 'another'
}

export const used = async (signal: AbortSignal): Promise<void> => {
  await using client = await connect(new URL('http://localhost/mcp'), {
    timing: { idle: 60_000, max: Infinity },
    onRequest: (request, options) => {
      holds<Same<typeof request.method, string>>()
      holds<Same<typeof options.signal, AbortSignal>>()
      return { roots: [] }
    },
    signal,
  })
  holds<Same<typeof client, McpClient>>()
  const result = await client.callTool('echo', { text: 'a' }, { signal, progress: (params) => params.progress })
  holds<Same<typeof result, JsonObject>>()
  for await (const notification of client.notifications()) holds<Same<typeof notification.method, string>>()
  for await (const event of client.listen({ toolsListChanged: true })) heard(event)
  for await (const event of client.events()) told(event)
  // @ts-expect-error: arguments are an object
  await client.callTool('echo', 'a')
  // @ts-expect-error: a signal is an AbortSignal, not its controller
  await client.callTool('echo', {}, { signal: new AbortController() })
  // @ts-expect-error: there is no such option
  await client.callTool('echo', {}, { timeout: 5 })
  // @ts-expect-error: there is no such setting
  await connect('http://localhost/mcp', { timout: 5 })
  // @ts-expect-error: whether there is an authorizer is said by giving one
  await connect('http://localhost/mcp', { authorizer: true })
}

export const served = async (): Promise<void> => {
  await using app = new App({ name: 'typed', version: '1', capabilities: { tools: {} } }, async (request) => {
    holds<Same<typeof request, McpRequest>>()
    holds<Same<typeof request.signal, AbortSignal>>()
    holds<Same<typeof request.session, McpSession | undefined>>()
    request.progress(1, 2, 'half')
    const answer = await request.input('seats', 'elicitation/create', { message: 'How many?' })
    return { content: [answer] }
  })
  createServer(app.node).listen(0)
  const response = app.fetch(new Request('http://localhost/mcp'), { principal: 'me' })
  holds<Same<typeof response, Promise<Response>>>()
  for (const [id, session] of app.sessions) session.notify('notifications/message', { id })
  // @ts-expect-error: there must be a handler
  new App({ name: 'typed', version: '1' })
  // @ts-expect-error: there is no such handler
  new App({ name: 'typed', version: '1' }, { requests: () => ({}) })
  // @ts-expect-error: there is no such setting
  new App({ name: 'typed', version: '1' }, () => ({}), { timout: 5 })
  // @ts-expect-error: sessions are not the application's to add
  app.sessions.clear()
  new App({ name: 'typed', version: '1' }, { session: async (session) => void (await session.run(() => ({}))) })
}
