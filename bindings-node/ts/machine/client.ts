/** The client machine. */

import { randomBytes } from 'node:crypto'

import type { ClientHandle, Options } from '../../native.cjs'
import { clientOutputs } from './drain.js'
import { configured, settingsText } from './errors.js'
import { memberOf, refuseOthers } from './given.js'
import { type HeadersGiven, headerBlock } from './headers.js'
import { type Identity, identityText } from './identity.js'
import type { Inspection } from './inspection.js'
import native from './native.js'
import type { RpcError } from './outcome.js'
import type { ClientOutput, Drained } from './outputs.js'
import type { ClientSettings, Known } from './settings.js'

/** How a call is made. Times are milliseconds. */
export interface CallOptions {
  /** It may run twice, so that it may be sent again. */
  readonly safe?: boolean
  /** Its progress is wanted. */
  readonly progress?: boolean
  /** It fails after so long without progress. */
  readonly idle?: number
  /** It fails after so long, whatever comes. */
  readonly max?: number
  /** Headers for its requests. */
  readonly headers?: HeadersGiven
}

/** What a machine is made with, beside its settings. */
export interface MachineOptions {
  /** The host speaks JSON-RPC itself: see `send`. */
  readonly relay?: boolean
  /** 32 bytes of entropy; by default the system's. Never the same for two machines. */
  readonly seed?: Uint8Array
}

const OPTIONS = ['safe', 'progress', 'idle', 'max', 'headers'] as const satisfies readonly (keyof CallOptions)[]

/** Options for the native half. */
export const nativeOptions = (options: CallOptions | null | undefined): Options | undefined => {
  if (options === undefined || options === null) return undefined
  refuseOthers('call', options, OPTIONS)
  const { headers, ...rest } = options
  return headers === undefined ? rest : { ...rest, headers: headerBlock(headers) }
}

/** An answer for the native half: the result, or an error's code, message and data. */
export const answerFields = (answer: string | RpcError): [string | null, number?, string?, (string | null)?] => {
  if (typeof answer === 'string') return [answer]
  if (typeof memberOf(answer, 'code') !== 'number' || typeof memberOf(answer, 'message') !== 'string') {
    throw new TypeError('respond: an answer is JSON text (see JSON.stringify), or an error, { code, message, data }')
  }
  return [null, answer.code, answer.message, answer.data]
}

/** What a machine without a relay says to a message. */
export const noRelay = (method: string): TypeError =>
  new TypeError(`${method} is for hosts that speak JSON-RPC themselves: make the machine with { relay: true }`)

/**
 * A client as a pure state machine: it performs nothing. What happens is fed to it with the time in milliseconds, from
 * any origin; `drain` gives what to do, and until when to sleep.
 *
 * No method throws for what a peer or a race does: every call settles, exactly once and in bounded time, with a result,
 * the server's error, or a failure that says whether the server may have run it. A handle that is not known (any more)
 * is ignored.
 *
 * ```js
 * const client = new Client('http://127.0.0.1:3000/mcp', { name: 'mine', version: '1.0' })
 * const call = client.call(performance.now(), 'tools/call', '{"name":"echo"}')
 * const { outputs, deadline } = client.drain()
 * for (const output of outputs) {
 *   switch (output.type) {
 *     case 'open': // send a request; then head, chunk .., end or failed
 *     case 'settled': // output.result, output.error or output.failure
 *   }
 * }
 * // at `deadline`: client.timeout(performance.now())
 * ```
 */
export class Client {
  readonly #machine: ClientHandle

  /** @throws {ConfigError} if a setting cannot work. */
  constructor(url: string, identity: Identity | null, settings: ClientSettings = {}, options: MachineOptions = {}) {
    const { relay = false, seed = randomBytes(32) } = options
    this.#machine = configured(() => native.clientNew(url, identityText(identity), settingsText(settings), seed, relay))
  }

  /** Makes a session, unless there is one; the handle settles with the handshake's result. A call connects too. */
  connect(now: number): number {
    return native.clientConnect(this.#machine, now)
  }

  /** Hands over a request, with `params` as JSON text, and gives its handle. */
  call(now: number, method: string, params?: string, options?: CallOptions): number {
    return native.clientCall(this.#machine, now, method, params, nativeOptions(options))
  }

  /** Subscribes to what changes at the server, with the params of `subscriptions/listen` as JSON text. */
  listen(now: number, params: string): number {
    return native.clientListen(this.#machine, now, params)
  }

  /** Ends a subscription. */
  unlisten(now: number, listen: number): void {
    native.clientUnlisten(this.#machine, now, listen)
  }

  /** Sends a notification. */
  notify(now: number, method: string, params?: string): void {
    native.clientNotify(this.#machine, now, method, params)
  }

  /** Answers a request of the server: with a result as JSON text, or with an error. */
  respond(now: number, id: number, answer: string | RpcError): void {
    native.clientRespond(this.#machine, now, id, ...answerFields(answer))
  }

  /** Cancels a call, which settles at once. */
  cancel(now: number, call: number, reason?: string): void {
    native.clientCancel(this.#machine, now, call, reason)
  }

  /** Answers `unauthorized`: whether there are new credentials. Unasked, `true` says that they have changed. */
  authorize(now: number, granted: boolean): void {
    native.clientAuthorize(this.#machine, now, granted)
  }

  /** Settles all calls and ends the session; `closed` is the last output. */
  close(now: number): void {
    native.clientClose(this.#machine, now)
  }

  /** With `relay`: sends a JSON-RPC message. A request comes back exactly once, as a `message` that answers it. */
  send(now: number, message: string, options?: CallOptions): void {
    if (!native.clientSend(this.#machine, now, message, nativeOptions(options))) throw noRelay('send')
  }

  /** With `relay`: cancels the request with this id, which is JSON. */
  cancelMessage(now: number, id: string): void {
    if (!native.clientCancelMessage(this.#machine, now, id)) throw noRelay('cancelMessage')
  }

  /** The head of a response. `true`, here and below: there is something to drain, or another deadline. */
  head(now: number, exchange: number, status: number, headers: HeadersGiven): boolean {
    return native.clientHead(this.#machine, now, exchange, status, headerBlock(headers))
  }

  /** Bytes of a body, as they come. */
  chunk(now: number, exchange: number, data: Uint8Array): boolean {
    return native.clientChunk(this.#machine, now, exchange, data)
  }

  /** An event of a stream, from hosts that read SSE themselves. `retry` is milliseconds. */
  sseEvent(
    now: number,
    exchange: number,
    event: { event?: string; data: string; id?: string; retry?: number },
  ): boolean {
    const { event: name = 'message', data, id, retry } = event
    return native.clientSseEvent(this.#machine, now, exchange, name, data, id, retry)
  }

  /** The end of a body. */
  end(now: number, exchange: number): boolean {
    return native.clientEnd(this.#machine, now, exchange)
  }

  /** An exchange failed. `sent` is false only if certainly not a byte was written. */
  failed(now: number, exchange: number, detail: string, sent = true): boolean {
    return native.clientFailed(this.#machine, now, exchange, detail, sent)
  }

  /** The deadline has come. */
  timeout(now: number): boolean {
    return native.clientTimeout(this.#machine, now)
  }

  /** What to do, in order. Without room for messages, notifications and the like stay here; outcomes never wait. */
  drain(room = true): Drained<ClientOutput> {
    return clientOutputs(native.clientDrain(this.#machine, room))
  }

  /** When to feed the next `timeout`. */
  deadline(): number | null {
    const deadline = native.clientDeadline(this.#machine)
    return deadline < 0 ? null : deadline
  }

  /** The lines of the record since they were last asked for: see `recording`. */
  records(): string[] {
    return native.clientRecords(this.#machine)
  }

  /** What was learned of the server, for the settings of a later client. */
  known(): Known | null {
    const known = native.clientKnown(this.#machine)
    return known === null ? null : (JSON.parse(known) as Known)
  }

  /** Who waits for what, and why. */
  inspect(): Inspection {
    return JSON.parse(native.clientInspect(this.#machine)) as Inspection
  }
}
