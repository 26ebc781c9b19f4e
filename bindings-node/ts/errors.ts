/** What the managed client and the server throw, and what their calls reject with. */

import type { Failure, Line, RpcError } from './machine/outcome.js'
import type { Execution, FailureKind } from './machine/words.js'
import { textOf } from './values.js'

/** A call that did not bring a result: a `CallFailed`, a `PeerError` or a `BadResult`, told apart by `code`. */
export abstract class CallError extends Error {
  /** A word for what went wrong here; a number for an error of the peer. */
  abstract readonly code: FailureKind | 'bad_result' | number
}

/** No answer came, and none will: the call failed on the way. The message is a sentence that says why. */
export class CallFailed extends CallError {
  override readonly name = 'CallFailed'
  readonly failure: Failure

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options)
    this.failure = failure
  }

  /** What went wrong, in a word such as `timed_out` or `connection_lost`. */
  get code(): FailureKind {
    return this.failure.kind
  }

  /** Whether the peer may have run the call. */
  get execution(): Execution {
    return this.failure.execution
  }

  /** What was seen of the call. */
  get story(): readonly Line[] {
    return this.failure.story
  }
}

/**
 * The peer answered with a JSON-RPC error. Handlers throw it too, to answer a request with an error of their own:
 *
 * ```js
 * throw new PeerError(-32602, 'no such file', { path: 'notes.txt' })
 * ```
 */
export class PeerError extends CallError {
  override readonly name = 'PeerError'
  /** The JSON-RPC error code. */
  readonly code: number
  /** The value that came with the error, if there is one. */
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.code = code
    this.data = data
  }

  /** The exception for an error object of the peer. */
  static of({ code, message, data }: RpcError): PeerError {
    return new PeerError(code, message, data === null ? undefined : JSON.parse(data))
  }

  /** The error object, as a machine takes it. */
  get error(): RpcError {
    return { code: this.code, message: this.message, data: textOf(this.data) ?? null }
  }
}

/** The result is not what the method gives: no JSON object, say, or a list without its items. */
export class BadResult extends CallError {
  override readonly name = 'BadResult'
  readonly code = 'bad_result'
}
