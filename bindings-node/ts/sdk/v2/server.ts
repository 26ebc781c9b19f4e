/**
 * A drop-in for `createMcpHandler` of `@modelcontextprotocol/server`:
 *
 * ```js
 * import { createServer } from 'node:http'
 * import { McpServer } from '@modelcontextprotocol/server'
 * import { createMcpHandler } from 'mcp-sansio/sdk/v2/server'
 *
 * const handler = createMcpHandler(() => {
 *   const server = new McpServer({ name: 'tools', version: '1.0' })
 *   server.registerTool('hello', {}, async () => ({ content: [{ type: 'text', text: 'hello' }] }))
 *   return server
 * })
 * createServer(handler.node).listen(3000)
 * ```
 */

import {
  type AuthInfo,
  InMemoryServerEventBus,
  type JSONRPCMessage,
  type JSONRPCNotification,
  type McpServerFactory,
  type MessageExtraInfo,
  parseJSONRPCMessage,
  type ProtocolEra,
  type ServerEvent,
  type ServerEventBus,
  type ServerNotifier,
} from '@modelcontextprotocol/server'

import { Handler, type HandlerOptions, type Origin, type Sdk } from '../server/handler.js'
import { webRequestOf } from '../server/http.js'
import { type Product, serveRequest, Subscriptions } from './requests.js'

/** The settings of the machine, and options. */
export interface McpHandlerOptions extends HandlerOptions<AuthInfo> {
  /** Carries what `notify` says to the subscriptions, for example between processes. By default it stays in this one. */
  readonly bus?: ServerEventBus
  /** How many subscriptions may be open; 1,024 if it is not said. */
  readonly maxSubscriptions?: number
}

/** What `createMcpHandler` gives. */
export class McpHandler extends Handler<JSONRPCMessage, MessageExtraInfo, AuthInfo> {
  /** Carries what `notify` says. */
  readonly bus: ServerEventBus
  /** Tells the subscriptions that ask for it, and the clients of all sessions, what has changed. */
  readonly notify: ServerNotifier
  readonly #subscriptions: Subscriptions
  readonly #unsubscribe: () => void

  /** @throws {ConfigError} if a setting cannot work; it says what to write instead. */
  constructor(factory: McpServerFactory, options: McpHandlerOptions = {}) {
    const { bus = new InMemoryServerEventBus(), maxSubscriptions = 1024, ...others } = options
    const subscriptions = new Subscriptions(maxSubscriptions)
    super(sdkOf(factory, subscriptions), others)
    this.#subscriptions = subscriptions
    this.bus = bus
    this.notify = {
      toolsChanged: () => bus.publish({ kind: 'tools_list_changed' }),
      promptsChanged: () => bus.publish({ kind: 'prompts_list_changed' }),
      resourcesChanged: () => bus.publish({ kind: 'resources_list_changed' }),
      resourceUpdated: (uri) => bus.publish({ kind: 'resource_updated', uri }),
    }
    this.#unsubscribe = bus.subscribe((event) => {
      const notification = { method: METHODS[event.kind], params: paramsOf(event) }
      this.tellSessions(notification.method, notification.params)
      subscriptions.tell(notification)
    })
  }

  /** See `Handler`. */
  override async close(grace?: number): Promise<void> {
    this.#unsubscribe()
    const closed = super.close(grace)
    this.#subscriptions.end()
    await closed
  }
}

/**
 * Serves HTTP with servers of the SDK, which the factory makes: one for each session of the revisions up to 2025-11-25,
 * and one for each request since 2026-07-28, which has no sessions any more. The factory is the same as for the SDK's
 * own function of this name; with `sessions: false` it makes a server for each request of the older revisions, too.
 *
 * Every request gets an answer, or an error that says why not; clients that lose their stream come back to it, and a
 * client that is gone ends its handlers (`ctx.mcpReq.signal`) where nobody can come back. Hosts and origins are checked:
 * by default only the names of the loopback interface are allowed.
 *
 * Of the SDK's own options there are `bus` and `maxSubscriptions`; in place of the others are settings: `versions` for `legacy`, `mode` for
 * `responseMode`, `timing.keepAlive` for `keepAliveMs`, `limits.body` for `maxRequestBodySize`, and `log` for `onerror`.
 * Scope challenges (`requireScopes`) are not supported: they are answers of HTTP, and a layer in front gives them.
 *
 * @throws {ConfigError} if a setting cannot work; it says what to write instead.
 */
export const createMcpHandler = (factory: McpServerFactory, options?: McpHandlerOptions): McpHandler =>
  new McpHandler(factory, options)

const sdkOf = (
  factory: McpServerFactory,
  subscriptions: Subscriptions,
): Sdk<JSONRPCMessage, MessageExtraInfo, AuthInfo> => ({
  read: parseJSONRPCMessage,
  extra: extraOf,
  async serve(channel, { origin, message, report }) {
    const extra = extraOf(origin)
    const { authInfo, request } = extra
    const make = async (era: ProtocolEra): Promise<Product> =>
      factory({ era, ...(authInfo && { authInfo }), ...(request && { requestInfo: request }) })
    if (message === undefined) await (await make('legacy')).connect(channel)
    else await serveRequest(channel, { message, extra, make, report }, subscriptions)
  },
})

const extraOf = ({ http, authInfo, release }: Origin<AuthInfo>): MessageExtraInfo => ({
  ...(http && { request: webRequestOf(http) }),
  ...(authInfo && { authInfo }),
  ...(release.response && { closeSSEStream: release.response }),
  ...(release.standalone && { closeStandaloneSSEStream: release.standalone }),
})

const METHODS = {
  tools_list_changed: 'notifications/tools/list_changed',
  prompts_list_changed: 'notifications/prompts/list_changed',
  resources_list_changed: 'notifications/resources/list_changed',
  resource_updated: 'notifications/resources/updated',
} as const

const paramsOf = (event: ServerEvent): JSONRPCNotification['params'] =>
  event.kind === 'resource_updated' ? { ...event.params, uri: event.uri } : event.params
