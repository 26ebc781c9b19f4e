/** What the managed client hands to the application. */

import { BadResult, CallFailed, PeerError } from '../errors.js'
import type { HeadersGiven } from '../machine/headers.js'
import type { Failure, Outcome as MachineOutcome, RpcError } from '../machine/outcome.js'
import type { Notice, SessionChanged } from '../machine/outputs.js'
import { type JsonObject, objectOf } from '../values.js'

/**
 * How a call ended: the server's result; its error, or a result that is none; or a failure found on the way, with what
 * was seen.
 */
export type Outcome =
  | { readonly type: 'result'; readonly result: JsonObject }
  | { readonly type: 'error'; readonly error: BadResult | PeerError }
  | { readonly type: 'failure'; readonly failure: Failure; readonly story: string }

/** What can be said of one call. Times are milliseconds. */
export interface RequestOptions {
  /** Cancels the call, which then rejects with `CallFailed`, whose code is `cancelled` and whose cause is the reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * Gets the `params` of each progress notification. Should it throw or reject before the call has settled, the call is
   * cancelled, and rejects with that; afterwards it is logged.
   */
  readonly progress?: ((params: JsonObject) => unknown) | undefined
  /** The server may run it twice, so that it may be sent again. */
  readonly safe?: boolean
  /** It fails after so long without progress. */
  readonly idle?: number
  /** It fails after so long, whatever comes. */
  readonly max?: number
  /** Headers that go out with it alone. */
  readonly headers?: HeadersGiven
}

/** A notification of the server. */
export interface Notification {
  readonly type: 'notification'
  readonly method: string
  readonly params: JsonObject | undefined
}

/** A request of the server, such as `sampling/createMessage` or `elicitation/create`. */
export interface ServerRequest {
  readonly method: string
  readonly params: JsonObject | undefined
}

/** What a subscription says: `ended` is the last, and its result the server's own, graceful end. */
export type SubscriptionEvent =
  /** The server listens to this filter: what was asked for, or a part of it. */
  | { readonly type: 'opened'; readonly filter: JsonObject }
  | Notification
  /** The stream was lost, and is being opened again: list again what you watch. */
  | { readonly type: 'gap' }
  | { readonly type: 'ended'; readonly outcome: Outcome }

/** `record` threw this; the client goes on without. */
export interface RecordingEnded {
  readonly type: 'recordingEnded'
  readonly error: unknown
}

/** What happened to the client: for logs. */
export type Event = Notice | RecordingEnded | SessionChanged

/** An outcome of the machine, as the application gets it. */
export const outcomeOf = (outcome: MachineOutcome): Outcome => {
  if ('error' in outcome) return { type: 'error', error: PeerError.of(outcome.error) }
  if ('failure' in outcome) {
    const story = outcome.failure.story.map(({ text }) => text).join('\n')
    return { type: 'failure', failure: outcome.failure, story }
  }
  const result = objectOf(outcome.result)
  if (result !== undefined) return { type: 'result', result }
  return { type: 'error', error: new BadResult(`the result is no JSON object: ${outcome.result.slice(0, 40)}`) }
}

/** The result; whatever else the outcome is, is thrown. */
export const resultOf = (outcome: Outcome, signal?: AbortSignal): JsonObject => {
  if (outcome.type === 'result') return outcome.result
  if (outcome.type === 'error') throw outcome.error
  const { failure } = outcome
  throw new CallFailed(failure, signal?.aborted && failure.kind === 'cancelled' ? { cause: signal.reason } : undefined)
}

/** The failure of a call whose signal was aborted before there was one. */
export const neverSent = (): Outcome => {
  const message = 'the call was cancelled before it began'
  const rpcError: RpcError = { code: -32800, message, data: null }
  const failure: Failure = { kind: 'cancelled', execution: 'not_sent', message, story: [], refusal: null, rpcError }
  return { type: 'failure', failure, story: '' }
}
