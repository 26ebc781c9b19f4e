/** MCP over HTTP that does not hang. */

export { type CallOptions, Client, type MachineOptions } from './machine/client.js'
export { ConfigError } from './machine/errors.js'
export type { HeadersGiven } from './machine/headers.js'
export type { Identity, Json } from './machine/identity.js'
export type * from './machine/inspection.js'
export type * from './machine/outcome.js'
export type * from './machine/outputs.js'
export { Server, type To } from './machine/server.js'
export type * from './machine/settings.js'
export type * from './machine/words.js'
