/** What the machines say, as plain objects, told apart by `type`. */

import type { Failure, Header, Outcome, Refusal } from './outcome.js'
import type { EndReason, NoticeKind, Version, Withdrawal } from './words.js'

/** Break an exchange off. */
export interface Abort {
  readonly type: 'abort'
  readonly exchange: number
}
/** Something to log. */
export interface Notice {
  readonly type: 'notice'
  readonly kind: NoticeKind
  readonly exchange: number | null
  readonly session: number | null
  readonly detail: string
}
/** A call's progress: the params of the notification, as JSON text. */
export interface Progress {
  readonly type: 'progress'
  readonly call: number
  readonly params: string
}
/** A call is over: one of result, error and failure. */
export type Settled = { readonly type: 'settled'; readonly call: number } & Outcome
/** A request of the peer needs no answer any more. */
export interface Withdrawn {
  readonly type: 'withdrawn'
  readonly id: number
  readonly why: Withdrawal
}
/** A message for a host that speaks JSON-RPC itself. */
export interface Message {
  readonly type: 'message'
  /** The message, as JSON text. */
  readonly text: string
  /** The host's id, as JSON, of the request that it answers. */
  readonly answers: string | null
  /** The host's id, as JSON, of the request on whose stream it came. */
  readonly via: string | null
  /** What the answer was made of, if it is none of the peer's. */
  readonly failure: Failure | null
  /** The request of the peer that it is. */
  readonly obligation: number | null
  readonly session: number | null
  readonly exchange: number | null
}
/** Something that a later version of the native half says. */
export interface Unknown {
  readonly type: 'unknown'
}

/** Send a request: `url` is null for the endpoint, the body is empty for GET and DELETE. */
export interface Open {
  readonly type: 'open'
  readonly exchange: number
  readonly method: 'DELETE' | 'GET' | 'POST'
  readonly url: string | null
  readonly headers: readonly Header[]
  readonly body: string
}
/** All is over; nothing follows. */
export interface Closed {
  readonly type: 'closed'
}
/** The server listens to this filter, which is JSON text. */
export interface ListenOpened {
  readonly type: 'listenOpened'
  readonly listen: number
  readonly filter: string
}
/** A subscription's stream was lost, and is being opened again. */
export interface ListenGap {
  readonly type: 'listenGap'
  readonly listen: number
}
/** A subscription is over. */
export type ListenEnded = { readonly type: 'listenEnded'; readonly listen: number } & Outcome
/** Which of the client's own it came with; with neither, it came on the standalone stream. */
interface Came {
  readonly call: number | null
  readonly listen: number | null
}
/** A notification of the server. */
export interface ClientNotification extends Came {
  readonly type: 'notification'
  readonly method: string
  readonly params: string | null
}
/** A request of the server, to be answered with `respond`. */
export interface ClientRequest extends Came {
  readonly type: 'request'
  readonly id: number
  readonly method: string
  readonly params: string | null
}
/** A session began, was made again, or was lost. */
export interface SessionChanged {
  readonly type: 'sessionChanged'
  readonly epoch: number
  readonly change: 'connected' | 'reinitialized' | 'lost' | 'unknown'
  readonly failure: Failure | null
}
/** The server refused credentials; the calls wait for `authorize`. */
export interface Unauthorized {
  readonly type: 'unauthorized'
  readonly refusal: Refusal
  readonly calls: readonly number[]
}

/** What a client says. */
export type ClientOutput =
  | Abort
  | ClientNotification
  | ClientRequest
  | Closed
  | ListenEnded
  | ListenGap
  | ListenOpened
  | Message
  | Notice
  | Open
  | Progress
  | SessionChanged
  | Settled
  | Unauthorized
  | Unknown
  | Withdrawn

/** The head of a response; with a body that is not null it is all of it. */
export interface Head {
  readonly type: 'head'
  readonly exchange: number
  readonly status: number
  readonly headers: readonly Header[]
  readonly body: string | null
}
/** Text for a response that is a stream; say `written` when it is taken. */
export interface Chunk {
  readonly type: 'chunk'
  readonly exchange: number
  readonly data: string
}
/** The end of a response that is a stream. */
export interface End {
  readonly type: 'end'
  readonly exchange: number
}
/** A notification of a client. */
export interface ServerNotification {
  readonly type: 'notification'
  readonly exchange: number
  readonly session: number | null
  readonly method: string
  readonly params: string | null
}
/** A request of a client: `take` it when it is run, and `respond`. */
export interface ServerRequest {
  readonly type: 'request'
  readonly id: number
  readonly exchange: number
  readonly session: number | null
  readonly version: Version
  readonly method: string
  readonly params: string | null
}
/** A session began; `params` are those of `initialize`. */
export interface SessionStarted {
  readonly type: 'sessionStarted'
  readonly session: number
  readonly exchange: number
  readonly key: string
  readonly params: string
}
/** A session ended. */
export interface SessionEnded {
  readonly type: 'sessionEnded'
  readonly session: number
  readonly reason: EndReason
}
/** All is over; nothing follows. */
export interface ShutDown {
  readonly type: 'shutDown'
}

/** What a server says. */
export type ServerOutput =
  | Abort
  | Chunk
  | End
  | Head
  | Message
  | Notice
  | Progress
  | ServerNotification
  | ServerRequest
  | SessionEnded
  | SessionStarted
  | Settled
  | ShutDown
  | Unknown
  | Withdrawn

/** What a drain gives: the outputs, and when to feed the next `timeout`, in milliseconds; null: there is nothing to wait for. */
export interface Drained<Output> {
  readonly outputs: Output[]
  readonly deadline: number | null
}
