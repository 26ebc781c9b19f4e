/** What a transport has to be told of the SDK that it is for. */

import type { Failure, Refusal } from '../../machine/outcome.js'
import type { TokenSource } from './http.js'

/** How an SDK speaks of what goes wrong, and which messages it knows. */
export interface Dialect<SdkMessage> {
  /** A message as the SDK has it; throws if it has no such message. */
  read(value: unknown): SdkMessage
  /** What `send` rejects with for a request that failed; undefined: the SDK reads of it in the answer. */
  failed(failure: Failure): Error | undefined
  /** What `send` rejects with for a request whose answer the SDK cannot read. */
  unreadable(error: unknown): Error
  /** What `send` rejects with for what it cannot do. */
  unsupported(sentence: string): Error
  /** Whether the SDK forgets a request whose `send` rejected. If not, it gets the answer all the same. */
  readonly forgets: boolean
}

/** What a provider of the SDK's is to a transport. */
export interface Authorization {
  /** Asked before each request. */
  readonly token: TokenSource
  /** Resolves when there are new credentials; rejects with what the calls are to reject with. */
  readonly ask: (refusal: Refusal) => Promise<void>
}

/** The HTTP status that a failure is for the SDK: that of the refusal, and for a lost session what it is lost by. */
export const statusOf = ({ kind, refusal }: Failure): number | undefined =>
  refusal?.status ?? (kind === 'session_lost' ? 404 : undefined)
