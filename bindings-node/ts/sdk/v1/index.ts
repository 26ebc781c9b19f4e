/** Drop-ins for `@modelcontextprotocol/sdk`, 1.x: a transport for its clients, and a home for its servers. */

export { StreamableHTTPClientTransport, type StreamableHTTPClientTransportOptions } from './client.js'
export {
  createMcpHandler,
  McpHandler,
  type McpHandlerOptions,
  type SdkServer,
  type ServerContext,
  type ServerFactory,
} from './server.js'
