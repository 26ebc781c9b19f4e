/** The requests that are owed an answer, and the ways in which they get one. */

import { CallFailed, PeerError } from '../errors.js'
import type { RpcError } from '../machine/outcome.js'
import type { Withdrawn } from '../machine/outputs.js'
import { textOf } from '../values.js'
import type { Duty } from './duty.js'
import type { Engine } from './engine.js'
import { InputRequired, type McpRequest } from './request.js'

const INTERNAL_ERROR = -32603

/** From a request to its result, or a promise of it. To answer with an error of its own, it throws a `PeerError`. */
export type Handler = (request: McpRequest) => unknown

/** Sees to it that each request is answered once: by its handler, by whoever has taken it, or in their stead. */
export class Duties {
  readonly #engine: Engine
  readonly #owed = new Map<number, Duty>()
  // Requests that a session's own loop has taken, and let go without an answer. Should nobody collect the garbage, the
  // machine's own bound (`timing.answer`) answers them.
  readonly #dropped = new FinalizationRegistry<Duty>((duty) => this.#unanswered(duty))

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** A request has come. */
  add(duty: Duty): void {
    this.#owed.set(duty.id, duty)
  }

  /** Nobody waits for the answer any more. Gives what was owed, if anything was. */
  withdraw({ id, why }: Withdrawn): Duty | undefined {
    const duty = this.#discharge(id)
    duty?.withdraw(why)
    return duty
  }

  /** Runs the handler of a request, and answers with what comes of it. Never rejects. */
  async handle(request: McpRequest, handler: Handler): Promise<void> {
    if (!this.#take(request)) return
    try {
      this.respond(request, await handler(request))
    } catch (error) {
      this.#failed(request, error)
    }
  }

  /** A session's own loop takes a request, and promises to answer it. */
  handOut(request: McpRequest): void {
    const duty = this.#owed.get(request.id)
    if (duty !== undefined && this.#take(request)) this.#dropped.register(request, duty, duty)
  }

  /** Answers a request with a result. */
  respond(request: McpRequest, result: unknown): void {
    if (!this.#owed.has(request.id)) return
    let text: string | undefined
    try {
      text = textOf(result ?? {})
      if (text === undefined) throw new TypeError(`a ${typeof result} is no JSON`)
    } catch (error) {
      const sentence = `the result of ${request.method} cannot be written as JSON; its client got ${INTERNAL_ERROR}`
      this.#engine.log('error', sentence, error)
      this.#answer(request.id, internal('the server could not write its result'))
      return
    }
    this.#answer(request.id, text)
  }

  /** Answers a request with an error. */
  fail(request: McpRequest, error: PeerError): void {
    if (this.#owed.has(request.id)) this.#answer(request.id, error.error)
  }

  /** Answers a request that nobody handles. */
  refuse(id: number, why: string): void {
    this.#answer(id, internal(why))
  }

  #take({ id }: McpRequest): boolean {
    return this.#owed.has(id) && this.#engine.step((now) => this.#engine.machine.take(now, id))
  }

  #answer(id: number, answer: string | RpcError): void {
    this.#engine.step((now) => this.#engine.machine.respond(now, id, answer))
    this.#discharge(id) // not before: an answer that is none is not given
  }

  #discharge(id: number): Duty | undefined {
    const duty = this.#owed.get(id)
    if (duty === undefined) return undefined
    duty.isOwed = false
    this.#owed.delete(id)
    this.#dropped.unregister(duty)
    return duty
  }

  #failed(request: McpRequest, error: unknown): void {
    if (error instanceof InputRequired) return this.respond(request, error.result)
    try {
      if (error instanceof PeerError) return this.fail(request, error)
      if (error instanceof CallFailed && this.#owed.has(request.id)) {
        return this.#answer(request.id, error.failure.rpcError)
      }
    } catch (wrong) {
      this.#engine.log('error', `the error of ${request.method} cannot be sent`, wrong)
    }
    const isItsEnd = request.withdrawn !== undefined && isAbort(error)
    if (!isItsEnd) {
      this.#engine.log('error', `the handler of ${request.method} failed; its client got ${INTERNAL_ERROR}`, error)
    }
    this.#answer(request.id, internal("the server's handler of this request failed"))
  }

  #unanswered(duty: Duty): void {
    if (!duty.isOwed) return
    this.#engine.log(
      'error',
      `a request (${duty.method}) was dropped without an answer; its client got ${INTERNAL_ERROR}. Answer it by ` +
        '`respond` or `fail` on every path, or let `session.run(handler)` do it',
    )
    this.#answer(duty.id, internal("the server's handler of this request ended without an answer"))
  }
}

const internal = (message: string): RpcError => ({ code: INTERNAL_ERROR, message, data: null })

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'
