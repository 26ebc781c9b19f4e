/** How calls end. */

import type { Execution, FailureKind } from './words.js'

/** A header of HTTP: its name, and its value, with a character for each byte. */
export type Header = readonly [name: string, value: string]

/** An error object of JSON-RPC: the peer's answer, not a failure of the transport. */
export interface RpcError {
  readonly code: number
  readonly message: string
  /** JSON text. */
  readonly data: string | null
}

/** What a peer's HTTP refusal said. */
export interface Refusal {
  readonly status: number
  readonly headers: readonly Header[]
  /** The body, or its beginning, with a character for each byte. */
  readonly body: string
}

/** Something that was seen for a call. */
export interface Line {
  /** Milliseconds since the call was handed over. */
  readonly at: number
  readonly exchange: number | null
  /** The line as people read it, with its time and its exchange: `+12 ms [x4] HTTP 200`. */
  readonly text: string
}

/** Why a call brought no answer. */
export interface Failure {
  readonly kind: FailureKind
  readonly execution: Execution
  /** One sentence. */
  readonly message: string
  /** What was seen for the call. */
  readonly story: readonly Line[]
  /** What the peer's refusal said, if that is what ended the call. */
  readonly refusal: Refusal | null
  /** The failure for hosts that know nothing else. */
  readonly rpcError: RpcError
}

/** What a call came to: one of three. A result is JSON text. */
export type Outcome = { readonly result: string } | { readonly error: RpcError } | { readonly failure: Failure }
