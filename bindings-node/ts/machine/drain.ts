/** What the machines say, read from the flat array as which it crosses from the native half. */

import type { Field } from '../../native.cjs'
import { parseHeaders } from './headers.js'
import type { Failure, Outcome, RpcError } from './outcome.js'
import type { ClientOutput, Drained, ServerOutput } from './outputs.js'

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
