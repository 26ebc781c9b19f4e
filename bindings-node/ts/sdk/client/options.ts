/** What the client transports take beside the SDK's own options, and what they make of all of them. */

import type { Agent } from '../../client/http/node.js'
import { ConfigError } from '../../machine/errors.js'
import type { ClientSettings } from '../../machine/settings.js'
import { recordingFor } from '../../recording.js'

/** Options of this package's transports that the SDK's own do not have. Times are milliseconds. */
export interface OwnOptions extends Omit<ClientSettings, 'authorizer' | 'known'> {
  /** The connections to use: an agent of `node:http` or `node:https`. By default the transport has its own. */
  readonly agent?: Agent
  /** Gets each step of the machine as JSON lines, for replaying it; sets `recording` to `redacted` unless it is said. */
  readonly record?: (lines: readonly string[]) => void
}

/** The SDK's fetch. */
export type FetchLike = (url: string | URL, init?: RequestInit) => Promise<Response>

/** The SDK's own options, as far as all generations have them and the transports here heed them. */
export interface SdkOptions {
  readonly requestInit?: RequestInit | undefined
  readonly fetch?: FetchLike | undefined
  readonly sessionId?: string | undefined
  readonly protocolVersion?: string | undefined
  readonly reconnectionOptions?:
    | { readonly initialReconnectionDelay: number; readonly maxReconnectionDelay: number; readonly maxRetries: number }
    | undefined
}

/** Options that a caller in JavaScript may still give. */
interface NotSupported {
  readonly redirectPolicy?: unknown
  readonly reconnectionScheduler?: unknown
}

/** The settings of the machine that are among the options. */
export const settingsOf = (options: OwnOptions & SdkOptions & NotSupported): ClientSettings => {
  const { agent: _agent, record, requestInit: _init, fetch: _fetch, sessionId: _id, ...others } = options
  const { protocolVersion: _version, reconnectionOptions, redirectPolicy, reconnectionScheduler, ...settings } = others
  if (redirectPolicy === 'follow') {
    throw new ConfigError("redirectPolicy: redirects are followed within the origin only; 'follow' is not supported")
  }
  if (reconnectionScheduler !== undefined) {
    throw new ConfigError('reconnectionScheduler: streams are resumed by the transport; see `timing` and `limits`')
  }
  return {
    ...settings,
    recording: recordingFor(record, settings.recording),
    ...(reconnectionOptions === undefined ? {} : reconnection(settings, reconnectionOptions)),
  }
}

/** What is said in the machine's own settings goes before the SDK's. */
const reconnection = (
  { timing, limits }: ClientSettings,
  { initialReconnectionDelay, maxReconnectionDelay, maxRetries }: NonNullable<SdkOptions['reconnectionOptions']>,
): ClientSettings => ({
  timing: { backoff: [initialReconnectionDelay, maxReconnectionDelay], ...timing },
  limits: { reconnects: maxRetries, ...limits },
})
