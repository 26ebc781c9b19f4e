/** The loop around one server machine: mutate, drain, perform. Knows no MCP. */

import { Alarm } from '../alarm.js'
import { careful, consoleLog, type Log } from '../log.js'
import type { HeadersGiven } from '../machine/headers.js'
import type { ServerOutput } from '../machine/outputs.js'
import type { Server } from '../machine/server.js'
import { Deferred } from './deferred.js'
import type { Exchange, HttpRequest, ServeOptions, NodeRequest, NodeResponse, Part } from './exchange.js'
import { serveNode } from './node.js'
import { serveWeb } from './web.js'

// What readers may still take when the grace is used up, in milliseconds.
const CLEAN_UP = 1000

/** What a machine has for the application. */
export type ServerEvent = Exclude<ServerOutput, Part>

/** What an engine is made with, beside its machine. */
export interface EngineOptions {
  /**
   * Who asks. A session belongs to the principal that began it; to others it is unknown. Who finds out by waiting for
   * something does so before, and gives `principal` with the request.
   */
  readonly principal?: ((http: HttpRequest) => string | null | undefined) | undefined
  /** Gets each step of the machine as JSON lines, for replaying it. */
  readonly record?: ((lines: readonly string[]) => void) | undefined
  /** Where sentences for people go; by default errors and warnings go to the console. */
  readonly log?: Log | undefined
}

/**
 * Carries one server machine: brings HTTP to it and back, and sleeps to its deadline.
 *
 * `deliver` gets the machine's events, in order, in the midst of a step: it takes note, and does not wait. It may take
 * steps of its own; what comes of them is performed after it.
 */
export class Engine {
  readonly machine: Server
  readonly log: Log
  readonly #deliver: (event: ServerEvent) => void
  readonly #principal: EngineOptions['principal']
  readonly #exchanges = new Map<number, Exchange>()
  readonly #alarm = new Alarm(() => this.step((now) => this.machine.timeout(now)), false)
  #record: EngineOptions['record']
  #outputs: ServerOutput[] = []
  #isPerforming = false
  #isDown = false
  #end: Deferred<void> | undefined

  constructor(machine: Server, deliver: (event: ServerEvent) => void, options: EngineOptions = {}) {
    this.machine = machine
    this.log = careful(options.log ?? consoleLog)
    this.#deliver = deliver
    this.#principal = options.principal
    this.#record = options.record
  }

  /** One step: calls `mutate` with the time, then performs what the machine says. Never waits. */
  step<T>(mutate: (now: number) => T): T {
    const result = mutate(performance.now())
    this.#drain()
    this.#perform()
    return result
  }

  /** A step that does nothing if `put` says that nothing came of it. */
  feed(put: (now: number) => boolean): void {
    if (!put(performance.now())) return
    this.#drain()
    this.#perform()
  }

  /** Serves a web-standard request. Rejects for nothing that a client does. */
  fetch(request: Request, options: ServeOptions = {}): Promise<Response> {
    return serveWeb(this, request, options)
  }

  /** Serves a request of node:http or node:http2. */
  node(request: NodeRequest, response: NodeResponse, options: ServeOptions = {}): void {
    serveNode(this, request, response, options)
  }

  /**
   * An exchange begins. What comes of it is put into it from now on, until it is closed. `false`: it is to be refused with
   * 500, because it could not be found out who asks.
   */
  open(exchange: Exchange, method: string, headers: HeadersGiven, { principal }: ServeOptions): boolean {
    let who: unknown = principal
    try {
      if (who === undefined) who = this.#principal?.(exchange.http)
      if (!isPrincipal(who)) throw new TypeError('it gives a string, null or undefined, and no promise')
    } catch (error) {
      this.log('error', '`principal` failed, so it is not known who asks; a client got 500', error)
      return false
    }
    const found = who
    this.step((now) => {
      exchange.id = this.machine.accept(now, method, headers, found)
      this.#exchanges.set(exchange.id, exchange)
    })
    return true
  }

  /** An exchange is over; `isGone`: before its response was complete. */
  close(exchange: Exchange, isGone: boolean): void {
    this.#exchanges.delete(exchange.id)
    if (isGone) this.feed((now) => this.machine.gone(now, exchange.id))
    this.#ended()
  }

  /** The HTTP request of an exchange that is open. */
  http(exchange: number): HttpRequest | undefined {
    return this.#exchanges.get(exchange)?.http
  }

  /**
   * Takes nothing new, gives what is in flight `grace` milliseconds, and resolves when all is answered and written.
   * Readers that do not read are cut off a second later. The process is kept alive until then.
   */
  async shutDown(grace: number): Promise<void> {
    if (typeof grace !== 'number' || !(grace >= 0))
      throw new TypeError(`close: ${String(grace)} is no number of milliseconds`)
    if (this.#end !== undefined) return this.#end.promise
    this.#end = new Deferred()
    this.#alarm.keepAwake(true)
    this.step((now) => this.machine.shutDown(now, grace))
    this.#ended()
    const bound = new Alarm(() => this.#cutOff(), true)
    bound.set(performance.now() + grace + CLEAN_UP)
    await this.#end.promise
    bound.stop()
    this.#alarm.keepAwake(false)
    return undefined
  }

  #drain(): void {
    const { outputs, deadline } = this.machine.drain()
    for (const output of outputs) this.#outputs.push(output)
    this.#alarm.set(deadline)
    if (this.#record === undefined) return
    try {
      const lines = this.machine.records()
      if (lines.length > 0) this.#record(lines)
    } catch (error) {
      this.#record = undefined
      this.log('error', 'the record cannot be written any more; the server goes on without', error)
    }
  }

  #perform(): void {
    if (this.#isPerforming) return // the step in whose midst this one is goes on with it
    this.#isPerforming = true
    while (this.#outputs.length > 0) {
      const outputs = this.#outputs
      this.#outputs = []
      for (const output of outputs) this.#performOne(output)
    }
    this.#isPerforming = false
  }

  #performOne(output: ServerOutput): void {
    if (isPart(output)) return this.#put(output)
    if (output.type === 'shutDown') {
      this.#isDown = true
      this.#ended()
    }
    try {
      this.#deliver(output)
    } catch (error) {
      this.log('error', `the server could not deliver what happened (${output.type})`, error)
    }
  }

  #put(part: Part): void {
    const exchange = this.#exchanges.get(part.exchange)
    try {
      exchange?.put(part)
    } catch (error) {
      this.log('error', 'a response cannot be written, and was cut off: something else has begun it, perhaps', error)
      exchange?.put({ type: 'abort', exchange: part.exchange })
    }
  }

  #cutOff(): void {
    for (const exchange of this.#exchanges.values()) {
      exchange.put({ type: 'abort', exchange: exchange.id })
      this.close(exchange, true)
    }
  }

  #ended(): void {
    if (this.#isDown && this.#exchanges.size === 0) this.#end?.resolve()
  }
}

const isPrincipal = (who: unknown): who is string | null | undefined =>
  typeof who === 'string' || who === null || who === undefined

const PARTS: ReadonlySet<string> = new Set<Part['type']>(['abort', 'chunk', 'end', 'head'])
const isPart = (output: ServerOutput): output is Part => PARTS.has(output.type)
