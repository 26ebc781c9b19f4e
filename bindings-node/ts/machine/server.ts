/** The server machine. */

import { randomBytes } from 'node:crypto'

import type { ServerHandle } from '../../native.cjs'
import { answerFields, type CallOptions, type MachineOptions, nativeOptions, noRelay } from './client.js'
import { serverOutputs } from './drain.js'
import { ConfigError, configured, settingsText } from './errors.js'
import { memberOf } from './given.js'
import { type HeadersGiven, headerBlock } from './headers.js'
import { type Identity, identityText } from './identity.js'
import type { Inspection } from './inspection.js'
import native from './native.js'
import type { RpcError } from './outcome.js'
import type { Drained, ServerOutput } from './outputs.js'
import type { ServerSettings } from './settings.js'
import type { EndReason } from './words.js'

/** Whom something goes to: the client of a request, of a session, or all. */
export type To = 'all' | { readonly request: number } | { readonly session: number }

/** Request and session. A handle that is missing must not make it all clients. */
const addressed = (to: To): [request: number | null, session: number | null] => {
  if (to === 'all') return [null, null]
  const request = memberOf(to, 'request')
  if (typeof request === 'number') return [request, null]
  const session = memberOf(to, 'session')
  if (typeof session === 'number') return [null, session]
  throw new TypeError("to: it is 'all', { request } or { session }, with the handle of one")
}

/**
 * A server as a pure state machine: it performs nothing. HTTP requests are fed to it with the time in milliseconds, from
 * any origin; `drain` gives what to do, and until when to sleep.
 *
 * Each exchange gets one head and one end, in bounded time. A request that the application does not take is refused
 * before a byte has gone out; one that it does not answer is answered for it.
 */
export class Server {
  readonly #machine: ServerHandle

  /** @throws {ConfigError} if a setting cannot work. */
  constructor(identity: Identity | null, settings: ServerSettings = {}, options: MachineOptions = {}) {
    const { relay = false, seed = randomBytes(32) } = options
    this.#machine = configured(() => native.serverNew(identityText(identity), settingsText(settings), seed, relay))
  }

  /** Says that a request is being run; `false`: it is not there any more, do not run it. */
  take(now: number, id: number): boolean {
    return native.serverTake(this.#machine, now, id)
  }

  /** Answers a request: with a result as JSON text, or with an error. */
  respond(now: number, id: number, answer: string | RpcError): void {
    native.serverRespond(this.#machine, now, id, ...answerFields(answer))
  }

  /** Sends a notification, with `params` as JSON text. */
  notify(now: number, to: To, method: string, params?: string): void {
    native.serverNotify(this.#machine, now, ...addressed(to), method, params)
  }

  /** Asks a client, and gives the call's handle. */
  call(now: number, to: To, method: string, params?: string, options?: CallOptions): number {
    return native.serverCall(this.#machine, now, ...addressed(to), method, params, nativeOptions(options))
  }

  /** Cancels a call, which settles at once. */
  cancel(now: number, call: number, reason?: string): void {
    native.serverCancel(this.#machine, now, call, reason)
  }

  /** Lets connections go, so that clients come back for the rest, after `retry` milliseconds. */
  releaseConnection(now: number, to: To, retry?: number): void {
    native.serverReleaseConnection(this.#machine, now, ...addressed(to), retry)
  }

  /** Ends a session. */
  endSession(now: number, session: number, reason: EndReason): void {
    if (!native.serverEndSession(this.#machine, now, session, reason)) {
      throw new TypeError(`endSession: ${JSON.stringify(reason)} is no reason for which a session ends`)
    }
  }

  /**
   * Says which arguments of tools must stand in headers too: an array of tools, or a `tools/list` result, as JSON text.
   *
   * @throws {ConfigError} if an annotation is wrong.
   */
  declareTools(tools: string): void {
    const wrong = native.serverDeclareTools(this.#machine, tools)
    if (wrong !== null) throw new ConfigError(wrong)
  }

  /** Ends everything, after a grace in milliseconds for what runs; `shutDown` is the last output. */
  shutDown(now: number, grace: number): void {
    native.serverShutDown(this.#machine, now, grace)
  }

  /** With `relay`: sends a JSON-RPC message to a session, or because of a request (`via`). */
  send(now: number, message: string, to: { session?: number | null; via?: number | null } = {}): void {
    if (!native.serverSend(this.#machine, now, message, to.session, to.via)) throw noRelay('send')
  }

  /** An HTTP request began: gives its exchange. */
  accept(now: number, method: string, headers: HeadersGiven, principal?: string | null): number {
    return native.serverAccept(this.#machine, now, method, headerBlock(headers), principal)
  }

  /** Bytes of a request's body. `true`, here and below: there is something to drain, or another deadline. */
  chunk(now: number, exchange: number, data: Uint8Array): boolean {
    return native.serverChunk(this.#machine, now, exchange, data)
  }

  /** The end of a request's body. */
  end(now: number, exchange: number): boolean {
    return native.serverEnd(this.#machine, now, exchange)
  }

  /** The client has gone. */
  gone(now: number, exchange: number): boolean {
    return native.serverGone(this.#machine, now, exchange)
  }

  /** The last chunk is taken by the HTTP library. */
  written(now: number, exchange: number): boolean {
    return native.serverWritten(this.#machine, now, exchange)
  }

  /** The deadline has come. */
  timeout(now: number): boolean {
    return native.serverTimeout(this.#machine, now)
  }

  /** What to do, in order. */
  drain(): Drained<ServerOutput> {
    return serverOutputs(native.serverDrain(this.#machine))
  }

  /** When to feed the next `timeout`. */
  deadline(): number | null {
    const deadline = native.serverDeadline(this.#machine)
    return deadline < 0 ? null : deadline
  }

  /** The lines of the record since they were last asked for: see `recording`. */
  records(): string[] {
    return native.serverRecords(this.#machine)
  }

  /** Who waits for what, and why. */
  inspect(): Inspection {
    return JSON.parse(native.serverInspect(this.#machine)) as Inspection
  }

  /** The shard that the session of a request is in; null: any will do. */
  static shard(headers: HeadersGiven): number | null {
    const shard = native.serverShard(headerBlock(headers))
    return shard < 0 ? null : shard
  }
}
