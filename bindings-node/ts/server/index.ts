/** The server: an `App`, its requests and its sessions. */

export { App, type AppOptions, type FetchHandler, type Handlers } from './app.js'
export type { AskOptions, SessionHandler } from './desk.js'
export type { Handler } from './duties.js'
export type { AppEvent } from './events.js'
export type { HttpRequest, NodeRequest, NodeResponse, ServeOptions } from './exchange.js'
export { McpRequest } from './request.js'
export { McpSession } from './session.js'
