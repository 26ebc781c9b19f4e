/** Who a client or a server says that it is. */

import { ConfigError } from './errors.js'
import { memberOf } from './given.js'

/** JSON: as text, or as a value to be written as such. */
export type Json = string | Readonly<Record<string, unknown>>

/** Who a peer says that it is, and what it can do. */
export interface Identity {
  readonly name: string
  readonly version: string
  /** `{}` if left out. */
  readonly capabilities?: Json
  /** More members of `clientInfo` or `serverInfo`, such as a title. */
  readonly info?: Readonly<Record<string, unknown>>
  readonly instructions?: string
  /** Members of `_meta` for what the machine itself says. */
  readonly meta?: Json
}

const text = (json: Json): string => (typeof json === 'string' ? json : JSON.stringify(json))

/** An identity as the native half reads it; null for hosts that speak the handshake themselves. */
export const identityText = (identity: Identity | null): string | null => {
  if (identity === null) return null
  if (typeof memberOf(identity, 'name') !== 'string' || typeof memberOf(identity, 'version') !== 'string') {
    throw new ConfigError(
      'identity: say who it is, { name, version }; null only if the host speaks the handshake itself',
    )
  }
  const { name, version, capabilities, info, instructions, meta } = identity
  return JSON.stringify({
    info: JSON.stringify({ ...info, name, version }),
    capabilities: text(capabilities ?? {}),
    instructions,
    meta: meta === undefined ? undefined : text(meta),
  })
}
