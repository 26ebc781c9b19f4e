/** The client transport under the clients of `@modelcontextprotocol/sdk`. */

import { type OAuthClientProvider, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import {
  StreamableHTTPClientTransport as Theirs,
  type StreamableHTTPClientTransportOptions as TheirOptions,
  StreamableHTTPError,
} from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { ErrorCode, type JSONRPCMessage, JSONRPCMessageSchema, McpError } from '@modelcontextprotocol/sdk/types.js'

import { CallFailed } from '../../errors.js'
import { type Authorization, type Dialect, statusOf } from '../client/dialect.js'
import type { OwnOptions } from '../client/options.js'
import { Rehearsal } from '../client/rehearsal.js'
import { ClientTransport } from '../client/transport.js'

/** The options of the SDK's transport, those of this package, and the settings of its machine, side by side. */
export type StreamableHTTPClientTransportOptions = Omit<TheirOptions, 'redirectPolicy'> &
  OwnOptions & { readonly redirectPolicy?: 'same-origin' }

/**
 * The SDK's transport of the same name, with the same options; but with it no request is left pending. Each ends within a
 * bound: with the server's answer, or with an error of the SDK's. That is a `StreamableHTTPError` if the server refused
 * the request with an HTTP status (404 also stands for a lost session), whose `cause` is a `CallFailed`; an `UnauthorizedError` if the `authProvider` has no
 * credentials that it takes; and else an `McpError` whose message is a sentence that says what happened, and whose data
 * tell whether the server may have run the request, and what was seen of it.
 *
 * ```js
 * import { Client } from '@modelcontextprotocol/sdk/client/index.js'
 * import { StreamableHTTPClientTransport } from 'mcp-sansio/sdk/v1'
 *
 * const client = new Client({ name: 'mine', version: '1.0' })
 * await client.connect(new StreamableHTTPClientTransport(new URL('https://example.com/mcp')))
 * ```
 *
 * A session that the server has lost is made anew, and what may be sent again is. Streams are resumed here, so that
 * `resumptionToken` is refused and `onresumptiontoken` is not called. `timing: { max: 60_000 }` bounds each request to a
 * minute; the default is an hour, because the SDK has timeouts of its own.
 *
 * The `authProvider` is asked for its token before each request; what is to be done when the server refuses it, the
 * SDK's own transport does, with all of its OAuth flows. `redirectPolicy: 'follow'` is not supported.
 */
export class StreamableHTTPClientTransport extends ClientTransport<JSONRPCMessage> implements Transport {
  readonly #theirs: Theirs | undefined

  /** @throws {ConfigError} if an option or a setting cannot work. */
  constructor(url: URL | string, options: StreamableHTTPClientTransportOptions = {}) {
    const { authProvider, ...others } = options
    const { fetch, requestInit } = others
    const rehearsal =
      authProvider &&
      new Rehearsal((played) => {
        const given = { authProvider, fetch: played, ...(requestInit === undefined ? {} : { requestInit }) }
        return new Theirs(new URL(url), given)
      }, fetch)
    super(url, DIALECT, others, authProvider && rehearsal && authorization(authProvider, rehearsal, requestInit))
    this.#theirs = rehearsal?.actor
  }

  /** Finishes what the provider began when it sent the user to log in: with the code that the user came back with. */
  async finishAuth(authorizationCode: string): Promise<void> {
    if (this.#theirs === undefined) throw new UnauthorizedError('finishAuth needs an authProvider')
    await this.#theirs.finishAuth(authorizationCode)
    this.credentialsChanged()
  }
}

const authorization = (
  provider: OAuthClientProvider,
  rehearsal: Rehearsal<Theirs>,
  requestInit: RequestInit | undefined,
): Authorization => {
  // In this generation the application's own header goes before the provider's.
  const hasOwn = new Headers(requestInit?.headers).has('authorization')
  return {
    token: async () => (hasOwn ? undefined : (await provider.tokens())?.access_token),
    ask: (refusal) => rehearsal.play(refusal),
  }
}

const DIALECT: Dialect<JSONRPCMessage> = {
  read: (value) => JSONRPCMessageSchema.parse(value),
  forgets: false,
  unreadable: (cause) => new McpError(ErrorCode.ParseError, `the SDK cannot read a message: ${String(cause)}`),
  unsupported: (sentence) => new McpError(ErrorCode.InvalidRequest, sentence),
  failed(failure) {
    const status = statusOf(failure)
    if (status === undefined) return undefined
    const error = new StreamableHTTPError(status, failure.message)
    error.cause = new CallFailed(failure)
    return error
  },
}
