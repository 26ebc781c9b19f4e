/** A client's request, as the application sees it. */

import { PeerError } from '../errors.js'
import type { ServerRequest } from '../machine/outputs.js'
import type { Version, Withdrawal } from '../machine/words.js'
import { type JsonObject, objectOf, textOf } from '../values.js'
import type { AskOptions, Desk } from './desk.js'
import type { Duty } from './duty.js'
import type { HttpRequest } from './exchange.js'
import type { McpSession } from './session.js'

const INVALID_PARAMS = -32602

// The first revision without sessions, in which clients are asked by a result.
const MODERN = '2026-07-28'

/**
 * A client's request.
 *
 * A request handler answers it by what it returns or throws; whoever reads the requests of a session does so by
 * `respond` or `fail`.
 */
export class McpRequest {
  /** Its handle; not the id on the wire. */
  readonly id: number
  readonly method: string
  /** The revision of the protocol that it is of. */
  readonly version: Version
  /** Its session; undefined since 2026-07-28, which has none. */
  readonly session: McpSession | undefined
  /** The HTTP request that it came in, as the HTTP library gave it. */
  readonly http: HttpRequest
  /** The JSON text of its `params`, as the client sent it. */
  readonly paramsJson: string | undefined
  readonly #desk: Desk
  readonly #duty: Duty
  #params: JsonObject | undefined

  /** @internal */
  constructor(desk: Desk, event: ServerRequest, duty: Duty, session: McpSession | undefined, http: HttpRequest) {
    this.id = event.id
    this.method = event.method
    this.version = event.version
    this.session = session
    this.http = http
    this.paramsJson = event.params ?? undefined
    this.#desk = desk
    this.#duty = duty
  }

  /**
   * Its `params`; empty without any.
   *
   * @throws {PeerError} (-32602) if they are no JSON object, which answers the request.
   */
  get params(): JsonObject {
    if (this.#params === undefined) {
      this.#params = this.paramsJson === undefined ? {} : objectOf(this.paramsJson)
      if (this.#params === undefined) throw new PeerError(INVALID_PARAMS, 'params: they are no JSON object')
    }
    return this.#params
  }

  /** Who the client says that it is, if it does. Nobody has checked it: it is for people and logs. */
  get clientInfo(): JsonObject | undefined {
    return this.#said('clientInfo', 'clientInfo')
  }

  /** What the client can do, if it says so. */
  get clientCapabilities(): JsonObject | undefined {
    return this.#said('capabilities', 'clientCapabilities')
  }

  /**
   * Is aborted when nobody waits for the answer any more: because the client cancels, its session ends, or, where there
   * is no session, it is not connected any more. Its reason is an `AbortError` that says why.
   *
   * ```js
   * const page = await fetch(url, { signal: request.signal })
   * ```
   */
  get signal(): AbortSignal {
    return this.#duty.signal
  }

  /** Why nobody waits for the answer any more; undefined while somebody does. What is still answered is ignored. */
  get withdrawn(): Withdrawal | undefined {
    return this.#duty.withdrawn
  }

  /**
   * Sends a notification on the stream that answers this request. Nothing happens when the request is answered or
   * withdrawn, or is answered as JSON only.
   */
  notify(method: string, params?: object): void {
    const text = textOf(params)
    const { engine } = this.#desk
    engine.step((now) => engine.machine.notify(now, { request: this.id }, method, text))
  }

  /** Tells the client how far the request is, if it asked to know. */
  progress(progress: number, total?: number, message?: string): void {
    const progressToken: unknown = this.#meta?.progressToken
    if (progressToken === undefined || progressToken === null) return
    this.notify('notifications/progress', { progressToken, progress, total, message })
  }

  /**
   * Asks the client, on the stream that answers this request, and resolves to the result.
   *
   * This is for sessions: since 2026-07-28 nobody can be asked so, and it fails at once. `input` is for both.
   *
   * Rejects with a `PeerError` if the answer is an error, with a `CallFailed` if there is none.
   */
  ask(method: string, params?: object, options?: AskOptions): Promise<JsonObject> {
    return this.#desk.ask({ request: this.id }, method, params, options)
  }

  /**
   * Asks the client in the way of its era; `key` names the question within the request.
   *
   * In a session it waits, as `ask` does. Since 2026-07-28 the handler ends here at first, by something thrown that it
   * must let pass: the client is asked by an `input_required` result, and makes its request again with the answer, upon
   * which the handler runs from its start. So there is one question at a time, in `tools/call`, `prompts/get` and
   * `resources/read`. Several at once, or a state that the client carries, are a result that the handler returns
   * itself: `{ resultType: 'input_required', inputRequests: {..}, requestState: '..' }`.
   *
   * An answer is the client's word: one may come that was never asked for. Errors are those of `ask`.
   *
   * ```js
   * const form = { message: 'How many?', requestedSchema: { type: 'object', properties: { seats: { type: 'integer' } } } }
   * const { action, content } = await request.input('seats', 'elicitation/create', form)
   * ```
   */
  async input(key: string, method: string, params: object): Promise<JsonObject> {
    if (this.version < MODERN) return this.ask(method, params)
    const answers: unknown = this.params.inputResponses
    if (typeof answers === 'object' && answers !== null && Object.hasOwn(answers, key)) {
      return (answers as Record<string, JsonObject>)[key] as JsonObject
    }
    throw new InputRequired({ resultType: 'input_required', inputRequests: { [key]: { method, params } } })
  }

  /**
   * Ends the connection, not the request. A client that can come back (2025-11-25) does so after `retry` milliseconds,
   * and finds what it has missed. Others stay connected.
   */
  releaseConnection(retry?: number): void {
    const { engine } = this.#desk
    engine.step((now) => engine.machine.releaseConnection(now, { request: this.id }, retry))
  }

  /**
   * Answers the request with a value that JSON can say; undefined is the empty result. The first answer counts. What JSON
   * cannot say is logged, and answered with -32603.
   */
  respond(result?: unknown): void {
    this.#desk.duties.respond(this, result)
  }

  /** Answers the request with a JSON-RPC error. The first answer counts. */
  fail(code: number, message: string, data?: unknown): void {
    this.#desk.duties.fail(this, new PeerError(code, message, data))
  }

  get #meta(): JsonObject | undefined {
    const { _meta: meta } = this.params
    return meta
  }

  /** What the client said of itself: with `initialize` in a session, with each request where there is none. */
  #said(inSession: string, inMeta: string): JsonObject | undefined {
    const said: unknown = this.session
      ? this.session.params[inSession]
      : this.#meta?.[`io.modelcontextprotocol/${inMeta}`]
    return typeof said === 'object' && said !== null ? said : undefined
  }
}

/** Thrown by `McpRequest.input` to end a handler: its client is asked, and makes the request again with the answer. */
export class InputRequired extends Error {
  override readonly name = 'InputRequired'
  readonly result: object

  constructor(result: object) {
    super('no failure: the handler ends here, because its client is asked, and asks again. Let this pass')
    this.result = result
  }
}
