/** The types of the machines: every output is told apart by `type`, and nothing compiles that is wrong. */
/* oxlint-disable eslint/no-new, eslint/no-unused-expressions -- it need only compile, or not */

import { Client, ConfigError, Server } from 'mcp-sansio'
import type { ClientOutput, Header, Inspection, Known, Outcome, RpcError, ServerOutput } from 'mcp-sansio/machine'

import { holds, never, type Same } from './assert.js'

const identity = { name: 'typed', version: '1' }
const client = new Client('http://localhost/mcp', identity, { limits: { calls: 1 }, timing: { idle: null } })
const server = new Server(identity, { mode: 'json', hosts: ['localhost'] }, { seed: new Uint8Array(32) })

const call = client.call(0, 'tools/list', undefined, { headers: new Headers(), idle: 5, safe: true })
const drained = client.drain()
const known = client.known()
const deadline = server.deadline()
const inspection = server.inspect()
holds<Same<typeof call, number>>()
holds<Same<typeof drained.outputs, ClientOutput[]>>()
holds<Same<typeof drained.deadline, number | null>>()
holds<Same<typeof known, Known | null>>()
holds<Same<typeof deadline, number | null>>()
holds<Same<typeof inspection, Inspection>>()

/** Has a case for each output: a new one is an error here. */
export const saidByClient = (output: ClientOutput): string => {
  switch (output.type) {
    case 'open':
      holds<Same<typeof output.method, 'DELETE' | 'GET' | 'POST'>>()
      holds<Same<typeof output.headers, readonly Header[]>>()
      holds<Same<typeof output.url, string | null>>()
      return output.body
    case 'settled':
    case 'listenEnded':
      return outcome(output)
    case 'request':
    case 'notification':
      return `${output.method} ${output.params ?? ''} ${output.call ?? 0} ${output.listen ?? 0}`
    case 'message':
      return output.text + (output.failure?.kind ?? '') + String(output.obligation)
    case 'unauthorized':
      return `${output.refusal.status} ${output.calls.length}`
    case 'sessionChanged':
      return output.change + String(output.epoch) + (output.failure?.message ?? '')
    case 'notice':
      return output.kind + output.detail
    case 'listenOpened':
      return output.filter
    case 'withdrawn':
      return output.why
    case 'progress':
      return output.params
    case 'abort':
    case 'listenGap':
    case 'closed':
    case 'unknown':
      return output.type
    default:
      return never(output)
  }
}

/** Has a case for each output: a new one is an error here. */
export const saidByServer = (output: ServerOutput): string => {
  switch (output.type) {
    case 'head':
      return `${output.status} ${output.headers.length} ${output.body ?? ''}`
    case 'chunk':
      return output.data
    case 'request':
      return `${output.id} ${output.version} ${output.method} ${output.session ?? 0}`
    case 'sessionStarted':
      return output.key + output.params
    case 'sessionEnded':
      return output.reason
    case 'settled':
      return outcome(output)
    case 'abort':
    case 'end':
      return String(output.exchange)
    case 'message':
    case 'notice':
    case 'notification':
    case 'progress':
    case 'shutDown':
    case 'unknown':
    case 'withdrawn':
      return output.type
    default:
      return never(output)
  }
}

/** One of three. */
const outcome = (given: Outcome): string => {
  if ('result' in given) return given.result
  if ('error' in given) {
    holds<Same<typeof given.error, RpcError>>()
    return given.error.message
  }
  return given.failure.kind + given.failure.execution + given.failure.story.map(({ text }) => text).join()
}

/** Is never called: what stands in it must not compile. */
export const wrong = (): void => {
  // @ts-expect-error: a time is a number
  client.call('now', 'ping')
  // @ts-expect-error: params are JSON text
  client.call(0, 'ping', {})
  // @ts-expect-error: there is no such option
  client.call(0, 'ping', undefined, { idel: 5 })
  // @ts-expect-error: a result is JSON text
  client.respond(0, 1, { tools: [] })
  // @ts-expect-error: bytes are a Uint8Array
  client.chunk(0, 1, 'text')
  // @ts-expect-error: bytes are a Uint8Array
  client.chunk(0, 1, new ArrayBuffer(1))
  // @ts-expect-error: the value of a header is text
  client.head(0, 1, 200, { 'content-length': 5 })
  // @ts-expect-error: there is no such setting
  new Client('http://localhost/mcp', identity, { timeing: {} })
  // @ts-expect-error: there is no such revision
  new Client('http://localhost/mcp', identity, { versions: ['2025-11-25', '1999-01-01'] })
  // @ts-expect-error: an identity has a version
  new Client('http://localhost/mcp', { name: 'typed' })
  // @ts-expect-error: there is no such mode
  new Server(identity, { mode: 'xml' })
  // @ts-expect-error: it must be said to whom
  server.notify(0, {}, 'notifications/message')
  // @ts-expect-error: a handle that may be missing is none
  server.notify(0, { request: undefined }, 'notifications/message')
  // @ts-expect-error: there is no such reason
  server.endSession(0, 1, 'tired')
  // @ts-expect-error: outputs are told apart before they are read
  client.drain().outputs[0]?.exchange
  // @ts-expect-error: what was drained is not changed
  client.inspect().calls.push()
  // @ts-expect-error: the handle of a machine is nobody's
  client.machine
}

const error = new ConfigError('no')
holds<Same<typeof error.code, 'config'>>()
