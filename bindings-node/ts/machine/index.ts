/** The machines: client and server of the protocol, without any I/O. */

export { type CallOptions, Client, type MachineOptions } from './client.js'
export { ConfigError } from './errors.js'
export type { HeadersGiven } from './headers.js'
export type { Identity, Json } from './identity.js'
export type * from './inspection.js'
export type * from './outcome.js'
export type * from './outputs.js'
export { Server, type To } from './server.js'
export type * from './settings.js'
export type * from './words.js'
