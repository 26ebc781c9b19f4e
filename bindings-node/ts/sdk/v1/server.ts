/** A home for the servers of `@modelcontextprotocol/sdk`. */

import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { type JSONRPCMessage, JSONRPCMessageSchema, type MessageExtraInfo } from '@modelcontextprotocol/sdk/types.js'

import type { HttpRequest } from '../../server/exchange.js'
import { Handler, type HandlerOptions, type Origin, type Sdk } from '../server/handler.js'
import { headersOf, urlOf } from '../server/http.js'

/** A server of the SDK: an `McpServer`, or a `Server`. */
export interface SdkServer {
  connect(transport: Transport): Promise<void>
}

/** For whom a server is made. */
export interface ServerContext {
  /** The id of the session; none for a single request. */
  readonly sessionId?: string
  /** The HTTP request that it begins with. */
  readonly http?: HttpRequest | undefined
  /** The outcome of the authentication. */
  readonly authInfo?: AuthInfo | undefined
}

/** Makes a server of the SDK. */
export type ServerFactory = (context: ServerContext) => SdkServer | Promise<SdkServer>

/** The settings of the machine, and options. This generation of the SDK speaks the revisions up to 2025-11-25. */
export type McpHandlerOptions = HandlerOptions<AuthInfo>

/** What `createMcpHandler` gives. */
export class McpHandler extends Handler<JSONRPCMessage, MessageExtraInfo, AuthInfo> {
  /** @throws {ConfigError} if a setting cannot work; it says what to write instead. */
  constructor(factory: ServerFactory, options: McpHandlerOptions = {}) {
    super(sdkOf(factory), { versions: ['2024-11-05', '2025-11-25'], ...options })
  }

  /** Sends a notification to the clients of all sessions, such as `notifications/tools/list_changed`. */
  notifyAll(method: string, params?: object): void {
    this.tellSessions(method, params)
  }
}

/**
 * Serves HTTP with servers of the SDK, which the factory makes: one for each session, and with `sessions: false` one for
 * each request.
 *
 * ```js
 * import { createServer } from 'node:http'
 * import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
 * import { createMcpHandler } from 'mcp-sansio/sdk/v1'
 *
 * const handler = createMcpHandler(() => {
 *   const server = new McpServer({ name: 'tools', version: '1.0' })
 *   server.registerTool('hello', {}, async () => ({ content: [{ type: 'text', text: 'hello' }] }))
 *   return server
 * })
 * createServer(handler.node).listen(3000)
 * ```
 *
 * Every request gets an answer, or an error that says why not; clients that lose their stream come back to it, and a
 * client that is gone ends its handlers (`extra.signal`) where nobody can come back. Hosts and origins are checked: by
 * default only the names of the loopback interface are allowed.
 *
 * @throws {ConfigError} if a setting cannot work; it says what to write instead.
 */
export const createMcpHandler = (factory: ServerFactory, options?: McpHandlerOptions): McpHandler =>
  new McpHandler(factory, options)

const sdkOf = (factory: ServerFactory): Sdk<JSONRPCMessage, MessageExtraInfo, AuthInfo> => ({
  read: (value) => JSONRPCMessageSchema.parse(value),
  extra: ({ http, authInfo, release }: Origin<AuthInfo>) => ({
    ...(http && { requestInfo: { headers: headersOf(http), url: urlOf(http) } }),
    ...(authInfo && { authInfo }),
    ...(release.response && { closeSSEStream: release.response }),
    ...(release.standalone && { closeStandaloneSSEStream: release.standalone }),
  }),
  async serve(channel, { origin: { http, authInfo } }) {
    const { sessionId } = channel
    const server = await factory({ ...(sessionId !== undefined && { sessionId }), http, authInfo })
    channel.isMade()
    await server.connect(channel)
  },
})
