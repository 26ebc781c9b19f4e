/** The loop around one client machine. */

import { Alarm } from '../alarm.js'
import type { Client } from '../machine/client.js'
import type { HeadersGiven } from '../machine/headers.js'
import type { Abort, ClientOutput, Open } from '../machine/outputs.js'
import { type Credentials, Dresser } from './dress.js'
import { chain, type Feed, type Hold, type Http, Unsent } from './http/http.js'

/** What a client machine tells the application. */
export type ClientEvent = Exclude<ClientOutput, Abort | Open>

/** What a pump may be given beside its machine. */
export interface PumpOptions {
  /** They go out with every request, unless the machine sets that name. */
  readonly headers?: HeadersGiven | undefined
  /** Asked as each request goes out. */
  readonly credentials?: Credentials | undefined
  /** Gets the lines of the machine's record; it does not throw. */
  readonly record?: ((lines: readonly string[]) => void) | undefined
}

/**
 * Carries one client machine: performs what it says, feeds what comes, sleeps to its deadline. Knows no MCP.
 *
 * `deliver` gets the machine's events, in order, in the midst of a step: it takes note, and neither waits nor throws.
 *
 * Its timer and its connections keep the process alive while `isAwaited`, and while something goes out: a program that
 * has forgotten to close its client comes to its end, though the server's streams are open, and none ends in the midst of
 * a call, of a notification on its way, or of `close`.
 */
export class Pump {
  /** Resolves when the machine has said that all is over. */
  readonly closed: Promise<void>

  readonly #machine: Client
  readonly #http: Http
  readonly #deliver: (event: ClientEvent) => void
  readonly #dresser: Dresser
  readonly #record: PumpOptions['record']
  readonly #exchanges = new Map<number, Hold>()
  #setClosed!: () => void
  #hasRoom = true
  #isAwaited = false
  #isAwake = false
  #isBusy = false
  #isStale = false
  #goingOut = 0
  readonly #alarm = new Alarm(() => this.step((now) => this.#machine.timeout(now)), false)

  /** @throws {ConfigError} if a header cannot go out. */
  constructor(
    machine: Client,
    url: string,
    http: Http,
    deliver: (event: ClientEvent) => void,
    options: PumpOptions = {},
  ) {
    this.#machine = machine
    this.#http = http
    this.#deliver = deliver
    this.#dresser = new Dresser(url, options.headers, options.credentials)
    this.#record = options.record
    this.closed = new Promise((resolve) => (this.#setClosed = resolve))
  }

  /**
   * One step: calls `mutate` with the time, then performs what the machine says. Never waits. What is performed may take
   * further steps, whose outputs are performed after it.
   */
  step<T>(mutate: (now: number) => T): T {
    const now = performance.now()
    if (this.#isBusy) {
      this.#isStale = true
      return mutate(now)
    }
    this.#isBusy = true
    try {
      const result = mutate(now)
      this.#perform()
      return result
    } finally {
      this.#isBusy = false
    }
  }

  /** Whether the application has room for messages. Outcomes come without. */
  set room(hasRoom: boolean) {
    const isNew = hasRoom && !this.#hasRoom
    this.#hasRoom = hasRoom
    if (isNew) this.step(() => {})
  }

  /** Whether the application waits for something. */
  set isAwaited(isAwaited: boolean) {
    this.#isAwaited = isAwaited
    this.#keepAwake()
  }

  /** What the network says: much of it changes nothing, and there is nothing to perform, except to record it. */
  #feed(mutate: (now: number) => boolean): void {
    const isNews = mutate(performance.now())
    if (isNews || this.#record !== undefined) this.step(() => {})
  }

  #perform(): void {
    let next: number | null = null
    this.#isStale = true
    while (this.#isStale) {
      this.#isStale = false
      const { outputs, deadline } = this.#machine.drain(this.#hasRoom)
      next = deadline
      for (const output of outputs) this.#do(output)
      const lines = this.#record === undefined ? [] : this.#machine.records()
      if (lines.length > 0) this.#record?.(lines)
    }
    this.#alarm.set(next)
  }

  #do(output: ClientOutput): void {
    if (output.type === 'open') return void this.#exchange(output)
    if (output.type === 'abort') return this.#exchanges.get(output.exchange)?.drop()
    try {
      this.#deliver(output)
    } catch (error) {
      // It must not: but no outcome behind it is lost, and nobody overlooks it.
      queueMicrotask(() => {
        throw error
      })
    }
    if (output.type === 'closed') this.#close()
  }

  /** One exchange: at most one head, the chunks of the body, then its end or its failure. */
  async #exchange(output: Open): Promise<void> {
    const { exchange } = output
    const machine = this.#machine
    const feed: Feed = {
      head: (status, headers) => this.#feed((now) => machine.head(now, exchange, status, headers)),
      chunk: (data) => this.#feed((now) => machine.chunk(now, exchange, data)),
    }
    const hold: Hold = { drop: () => {} }
    this.#exchanges.set(exchange, hold)
    const goesOut = Number(output.method !== 'GET')
    this.#goingOut += goesOut
    this.#keepAwake()
    let end = (now: number): boolean => machine.end(now, exchange)
    try {
      await this.#http.carry(this.#dresser.request(output), feed, hold)
    } catch (error) {
      end = (now) => machine.failed(now, exchange, chain(error), !(error instanceof Unsent))
    }
    this.#exchanges.delete(exchange)
    this.#feed(end)
    this.#goingOut -= goesOut
    this.#keepAwake()
  }

  #close(): void {
    for (const hold of this.#exchanges.values()) hold.drop()
    this.#alarm.stop()
    this.#http.close()
    this.#setClosed()
  }

  #keepAwake(): void {
    const isAwake = this.#isAwaited || this.#goingOut > 0
    if (isAwake === this.#isAwake) return
    this.#isAwake = isAwake
    this.#http.keepAwake?.(isAwake)
    this.#alarm.keepAwake(isAwake)
  }
}
