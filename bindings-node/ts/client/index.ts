/** The managed client. */

export type { Hosting, McpClient } from './client.js'
export { connect, type ConnectOptions } from './connect.js'
export type { Fetch } from './http/fetch.js'
export type { Agent } from './http/node.js'
export type {
  Event,
  Notification,
  Outcome,
  RecordingEnded,
  RequestOptions,
  ServerRequest,
  SubscriptionEvent,
} from './messages.js'
export type { Messages } from './readers.js'
export type { Authorizer, RequestHandler } from './staff.js'
