/**
 * What the machines say, as plain objects, told apart by `type`; read from the flat array that the native half gives.
 */

import type { Field } from '../../native.cjs'
import { parseHeaders } from './headers.js'
import type { Failure, Header, Outcome, Refusal, RpcError } from './outcome.js'
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

type Reader = (fields: Field[], at: number) => object
type Readers = Record<string, readonly [count: number, read: Reader]>

const parsed = <T>(field: Field | undefined): T | null => (field === null ? null : (JSON.parse(field as string) as T))

const outcome = (fields: Field[], at: number): Outcome => {
  if (fields[at] !== null) return { result: fields[at] as string }
  const error = parsed<RpcError>(fields[at + 1])
  return error === null ? { failure: parsed<Failure>(fields[at + 2]) as Failure } : { error }
}

/** For each tag how many fields follow it, and what they are. */
const shared: Readers = {
  abort: [1, (f, i) => ({ type: 'abort', exchange: f[i] })],
  message: [
    7,
    (f, i) => ({
      type: 'message',
      text: f[i],
      answers: f[i + 1],
      via: f[i + 2],
      failure: parsed(f[i + 3]),
      obligation: f[i + 4],
      session: f[i + 5],
      exchange: f[i + 6],
    }),
  ],
  notice: [4, (f, i) => ({ type: 'notice', kind: f[i], exchange: f[i + 1], session: f[i + 2], detail: f[i + 3] })],
  progress: [2, (f, i) => ({ type: 'progress', call: f[i], params: f[i + 1] })],
  settled: [4, (f, i) => ({ type: 'settled', call: f[i], ...outcome(f, i + 1) })],
  unknown: [0, () => ({ type: 'unknown' })],
  withdrawn: [2, (f, i) => ({ type: 'withdrawn', id: f[i], why: f[i + 1] })],
}

const ofClient: Readers = {
  ...shared,
  closed: [0, () => ({ type: 'closed' })],
  listenEnded: [4, (f, i) => ({ type: 'listenEnded', listen: f[i], ...outcome(f, i + 1) })],
  listenGap: [1, (f, i) => ({ type: 'listenGap', listen: f[i] })],
  listenOpened: [2, (f, i) => ({ type: 'listenOpened', listen: f[i], filter: f[i + 1] })],
  notification: [
    4,
    (f, i) => ({ type: 'notification', method: f[i], params: f[i + 1], call: f[i + 2], listen: f[i + 3] }),
  ],
  open: [
    5,
    (f, i) => ({
      type: 'open',
      exchange: f[i],
      method: f[i + 1],
      url: f[i + 2],
      headers: parseHeaders(f[i + 3] as string),
      body: f[i + 4],
    }),
  ],
  request: [
    5,
    (f, i) => ({ type: 'request', id: f[i], method: f[i + 1], params: f[i + 2], call: f[i + 3], listen: f[i + 4] }),
  ],
  sessionChanged: [3, (f, i) => ({ type: 'sessionChanged', epoch: f[i], change: f[i + 1], failure: parsed(f[i + 2]) })],
  unauthorized: [2, (f, i) => ({ type: 'unauthorized', refusal: parsed(f[i]), calls: parsed(f[i + 1]) })],
}

const ofServer: Readers = {
  ...shared,
  chunk: [2, (f, i) => ({ type: 'chunk', exchange: f[i], data: f[i + 1] })],
  end: [1, (f, i) => ({ type: 'end', exchange: f[i] })],
  head: [
    4,
    (f, i) => ({
      type: 'head',
      exchange: f[i],
      status: f[i + 1],
      headers: parseHeaders(f[i + 2] as string),
      body: f[i + 3],
    }),
  ],
  notification: [
    4,
    (f, i) => ({ type: 'notification', exchange: f[i], session: f[i + 1], method: f[i + 2], params: f[i + 3] }),
  ],
  request: [
    6,
    (f, i) => ({
      type: 'request',
      id: f[i],
      exchange: f[i + 1],
      session: f[i + 2],
      version: f[i + 3],
      method: f[i + 4],
      params: f[i + 5],
    }),
  ],
  sessionEnded: [2, (f, i) => ({ type: 'sessionEnded', session: f[i], reason: f[i + 1] })],
  sessionStarted: [
    4,
    (f, i) => ({ type: 'sessionStarted', session: f[i], exchange: f[i + 1], key: f[i + 2], params: f[i + 3] }),
  ],
  shutDown: [0, () => ({ type: 'shutDown' })],
}

const read = <Output>(readers: Readers, fields: Field[]): Drained<Output> => {
  const outputs: Output[] = []
  const last = fields.length - 1
  for (let at = 0; at < last;) {
    const tag = fields[at] as string
    const reader = readers[tag]
    if (reader === undefined) throw new Error(`the native half says ${tag}: it is of another version than this package`)
    outputs.push(reader[1](fields, at + 1) as Output)
    at += 1 + reader[0]
  }
  return { outputs, deadline: fields[last] as number | null }
}

/** Reads what a client's drain gave. */
export const clientOutputs = (fields: Field[]): Drained<ClientOutput> => read(ofClient, fields)

/** Reads what a server's drain gave. */
export const serverOutputs = (fields: Field[]): Drained<ServerOutput> => read(ofServer, fields)
