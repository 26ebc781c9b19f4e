/** The application's own code: its handler of the server's requests, and its authorizer. */

import { PeerError } from '../errors.js'
import type { Log } from '../log.js'
import type { Client } from '../machine/client.js'
import type { Refusal, RpcError } from '../machine/outcome.js'
import type { ClientRequest } from '../machine/outputs.js'
import { objectOf, textOf } from '../values.js'
import type { ServerRequest } from './messages.js'
import type { Pump } from './pump.js'

/**
 * Answers a request of the server: with what it returns, or that resolves to; nothing is the empty result. A
 * `PeerError` that it throws is the answer, too; anything else it throws is logged, and answered with an error that
 * tells no more than that. The signal is aborted when nobody waits for the answer any more.
 */
export type RequestHandler = (request: ServerRequest, options: { readonly signal: AbortSignal }) => unknown

/** Whoever has the credentials for a server, and knows how to get new ones. */
export interface Authorizer {
  /**
   * The value of the `authorization` header, such as `Bearer 123`; `undefined` sends none. It is asked for as each
   * request goes out, so it gives what is at hand. Should it throw, the request is not sent.
   */
  credentials(): string | undefined

  /**
   * Gets new credentials, because the server refused a request for want of them. `true`: from now on `credentials`
   * gives them, and what waits is sent again. Anything else, or an error: there are none, and what was refused fails so.
   * It is asked once for all calls that wait; the signal is aborted when the client closes, or asks anew.
   */
  authorize(refusal: Refusal, options: { readonly signal: AbortSignal }): boolean | Promise<boolean>
}

const FAILED: RpcError = { code: -32603, message: 'the handler of this request failed', data: null }

/** Has the application's code do what the machine asks for; whatever becomes of it, the machine gets an answer. */
export class Staff {
  readonly #machine: Client
  readonly #step: Pump['step']
  readonly #handler: RequestHandler | undefined
  readonly #authorizer: Authorizer | undefined
  readonly #log: Log
  readonly #handling = new Map<number, AbortController>()
  #asking: AbortController | undefined

  constructor(
    machine: Client,
    step: Pump['step'],
    log: Log,
    handler: RequestHandler | undefined,
    authorizer: Authorizer | undefined,
  ) {
    this.#machine = machine
    this.#step = step
    this.#log = log
    this.#handler = handler
    this.#authorizer = authorizer
  }

  /** Has the handler answer a request of the server. */
  async handle(request: ClientRequest): Promise<void> {
    const { id, method } = request
    const controller = new AbortController()
    const answer = (given: string | RpcError): void => this.#step((now) => this.#machine.respond(now, id, given))
    this.#handling.set(id, controller)
    try {
      answer(await this.#result(request, controller.signal))
    } catch (error) {
      try {
        if (!(error instanceof PeerError)) throw error
        answer(error.error)
      } catch (unexpected) {
        if (!controller.signal.aborted) this.#log('error', `the handler of ${method} failed`, unexpected)
        answer(FAILED)
      }
    } finally {
      this.#handling.delete(id)
    }
  }

  /** Nobody waits for that answer any more. */
  withdraw(id: number): void {
    this.#handling.get(id)?.abort()
  }

  /** Has the authorizer get new credentials. An earlier question is void. */
  async ask(refusal: Refusal): Promise<void> {
    this.#asking?.abort()
    const controller = new AbortController()
    this.#asking = controller
    const isGranted = await this.#authorize(refusal, controller.signal)
    if (this.#asking === controller) this.#step((now) => this.#machine.authorize(now, isGranted))
  }

  /** Nothing is to be done any more. */
  dismiss(): void {
    this.#asking?.abort()
    for (const controller of this.#handling.values()) controller.abort()
  }

  async #result({ method, params }: ClientRequest, signal: AbortSignal): Promise<string> {
    if (this.#handler === undefined) throw new PeerError(-32601, `${method} is not supported`)
    const given = params === null ? undefined : objectOf(params)
    const result = (await this.#handler({ method, params: given }, { signal })) ?? {}
    const text = textOf(result)
    if (text === undefined) throw new TypeError(`a ${typeof result} is no JSON`)
    return text
  }

  async #authorize(refusal: Refusal, signal: AbortSignal): Promise<boolean> {
    try {
      return (await this.#authorizer?.authorize(refusal, { signal })) === true
    } catch (error) {
      if (!signal.aborted) this.#log('error', 'the authorizer failed', error)
      return false
    }
  }
}
