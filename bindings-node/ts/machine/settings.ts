/** Settings: what is left out is the default of the machine. Times are milliseconds; null is no bound. */

import type { Era, Version } from './words.js'

/** What was learned of a server, to go on with later. */
export interface Known {
  readonly version: Version
  readonly era?: Era
  readonly session?: string | null
  readonly nextId?: number
  readonly httpSse?: boolean
  /** The server's answer to the handshake, as JSON text. */
  readonly result?: string | null
}

/** What a client holds at most. */
export interface ClientLimits {
  readonly calls?: number
  readonly obligations?: number
  readonly exchanges?: number | null
  readonly messages?: number
  readonly body?: number
  readonly event?: number
  readonly reconnects?: number
  readonly rounds?: number
}

/** How long a client waits. */
export interface ClientTiming {
  readonly handshake?: number
  readonly probe?: number
  readonly idle?: number | null
  readonly max?: number
  readonly answer?: number
  readonly authorization?: number
  readonly exchange?: number
  readonly cancel?: number
  readonly close?: number
  readonly linger?: number
  readonly sessionGrace?: number
  readonly standaloneWait?: number
  readonly backoff?: readonly [shortest: number, longest: number]
}

/** The settings of a client. */
export interface ClientSettings {
  /** The revisions that may be spoken: oldest and newest. */
  readonly versions?: readonly [oldest: Version, newest: Version]
  readonly known?: Known
  readonly authorizer?: boolean
  readonly standalone?: boolean
  readonly reinitialize?: boolean
  readonly accept202?: boolean
  readonly relisten?: boolean
  readonly httpSse?: boolean
  readonly resultTypes?: readonly string[]
  readonly limits?: ClientLimits
  readonly timing?: ClientTiming
  readonly recording?: 'off' | 'redacted' | 'whole'
}

/** What a server holds at most. */
export interface ServerLimits {
  readonly body?: number
  readonly sessions?: number
  readonly sessionsPerPrincipal?: number | null
  readonly obligations?: number
  readonly inFlight?: number
  readonly listens?: number
  readonly held?: number
  readonly logEvents?: number
  readonly logBytes?: number
  readonly logTotal?: number
  readonly unwritten?: number
}

/** How long a server waits. */
export interface ServerTiming {
  readonly take?: number
  readonly head?: number
  readonly answer?: number | null
  readonly call?: number
  readonly body?: number
  readonly keepAlive?: number | null
  readonly stall?: number
  readonly idle?: number | null
  readonly unused?: number
  readonly replay?: number
  readonly retry?: number
}

/** The settings of a server. */
export interface ServerSettings {
  /** The revisions that may be spoken: oldest and newest. */
  readonly versions?: readonly [oldest: Version, newest: Version]
  readonly sessions?: boolean
  readonly mode?: 'adaptive' | 'json' | 'sse'
  readonly hosts?: 'any' | 'loopback' | readonly string[]
  readonly origins?: 'any' | 'loopback' | readonly string[]
  readonly shard?: number
  readonly limits?: ServerLimits
  readonly timing?: ServerTiming
  readonly recording?: 'off' | 'redacted' | 'whole'
}
