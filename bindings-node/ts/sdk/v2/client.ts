/**
 * A drop-in for the client transport of `@modelcontextprotocol/client`:
 *
 * ```js
 * import { Client } from '@modelcontextprotocol/client'
 * import { StreamableHTTPClientTransport } from 'mcp-sansio/sdk/v2/client'
 *
 * const client = new Client({ name: 'mine', version: '1.0' }, { versionNegotiation: { mode: 'auto' } })
 * await client.connect(new StreamableHTTPClientTransport(new URL('https://example.com/mcp')))
 * ```
 */

import {
  type AuthProvider,
  type JSONRPCMessage,
  type OAuthClientProvider,
  parseJSONRPCMessage,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  type StreamableHTTPClientTransportOptions as TheirOptions,
  StreamableHTTPClientTransport as Theirs,
  type Transport,
  UnauthorizedError,
  withDpopFromProvider,
} from '@modelcontextprotocol/client'

import { CallFailed } from '../../errors.js'
import type { Failure } from '../../machine/outcome.js'
import { type Authorization, type Dialect, statusOf } from '../client/dialect.js'
import type { FetchLike, OwnOptions } from '../client/options.js'
import { Rehearsal } from '../client/rehearsal.js'
import { ClientTransport } from '../client/transport.js'

/** The options of the SDK's transport, those of this package, and the settings of its machine, side by side. */
export type StreamableHTTPClientTransportOptions = Omit<TheirOptions, 'reconnectionScheduler' | 'redirectPolicy'> &
  OwnOptions & { readonly redirectPolicy?: 'same-origin' }

/**
 * The SDK's transport of the same name, with the same options; but with it no request is left pending. Each ends within a
 * bound: with the server's answer, or with an error of the SDK's (`SdkHttpError`, `SdkError`, `UnauthorizedError`) whose
 * `cause` is a `CallFailed`, which says whether the server may have run the request, and what was seen of it.
 *
 * A session that the server has lost is made anew, and what may be sent again is. Streams are resumed here, so that
 * `resumptionToken` is refused and `onresumptiontoken` is not called. `timing: { max: 60_000 }` bounds each request to a
 * minute; the default is an hour, because the SDK has timeouts of its own.
 *
 * The `authProvider` is asked for its token before each request; what is to be done when the server refuses it, the
 * SDK's own transport does, with all of its OAuth flows, and with DPoP. `redirectPolicy: 'follow'` and
 * `reconnectionScheduler` are not supported.
 */
export class StreamableHTTPClientTransport extends ClientTransport<JSONRPCMessage> implements Transport {
  readonly #theirs: Theirs | undefined

  /** @throws {ConfigError} if an option or a setting cannot work. */
  constructor(url: URL | string, options: StreamableHTTPClientTransportOptions = {}) {
    const { authProvider, skipIssuerMetadataValidation, onInsufficientScope, maxStepUpRetries, ...others } = options
    const theirs = { authProvider, skipIssuerMetadataValidation, onInsufficientScope, maxStepUpRetries }
    const rehearsal =
      authProvider &&
      new Rehearsal((fetch) => {
        const given = { ...theirs, fetch, requestInit: others.requestInit }
        return new Theirs(new URL(url), given as TheirOptions)
      }, others.fetch)
    const fetch = authProvider === undefined ? others.fetch : bound(authProvider, others.fetch)
    super(url, DIALECT, { ...others, fetch }, authProvider && rehearsal && authorization(authProvider, rehearsal))
    this.#theirs = rehearsal?.actor
  }

  /**
   * Finishes what the provider began when it sent the user to log in: with the query of the URL to which the user came
   * back, or with the code in it and its `iss`.
   */
  async finishAuth(codeOrParams: string | URLSearchParams, iss?: string): Promise<void> {
    const theirs = this.#theirs
    if (theirs === undefined) throw new UnauthorizedError('finishAuth needs an authProvider')
    await (codeOrParams instanceof URLSearchParams
      ? theirs.finishAuth(codeOrParams)
      : theirs.finishAuth(codeOrParams, iss))
    this.credentialsChanged()
  }
}

const authorization = (provider: AuthProvider | OAuthClientProvider, rehearsal: Rehearsal<Theirs>): Authorization => ({
  token: async () => ('token' in provider ? provider.token() : (await provider.tokens())?.access_token),
  ask: (refusal) => rehearsal.play(refusal),
})

/** The fetch that binds tokens to a key, if the provider has one; the application's own else. */
const bound = (provider: AuthProvider | OAuthClientProvider, fetch: FetchLike | undefined): FetchLike | undefined =>
  'dpop' in provider ? withDpopFromProvider(provider)(fetch ?? globalThis.fetch) : fetch

const DIALECT: Dialect<JSONRPCMessage> = {
  read: parseJSONRPCMessage,
  forgets: true,
  unreadable: (cause) =>
    new SdkError(SdkErrorCode.InvalidResult, `the SDK cannot read a message: ${String(cause)}`, undefined, { cause }),
  unsupported: (sentence) => new SdkError(SdkErrorCode.SendFailed, sentence),
  failed(failure) {
    const { message, kind, execution, refusal } = failure
    const cause = new CallFailed(failure)
    const status = statusOf(failure)
    if (status === undefined) return new SdkError(codeOf(failure), message, { kind, execution }, { cause })
    const text = refusal === null ? message : Buffer.from(refusal.body, 'latin1').toString()
    return new SdkHttpError(
      SdkErrorCode.ClientHttpNotImplemented,
      message,
      { status, text, kind, execution },
      { cause },
    )
  },
}

/** By this, and by the status of a refusal, the SDK tells an outage from a server of the older era. */
const codeOf = ({ kind, execution }: Failure): SdkErrorCode => {
  if (kind === 'timed_out') return SdkErrorCode.RequestTimeout
  if (kind === 'bad_answer' || kind === 'too_large') return SdkErrorCode.ClientHttpUnexpectedContent
  return kind === 'closed' || execution === 'unknown' ? SdkErrorCode.ConnectionClosed : SdkErrorCode.SendFailed
}
