/** Calls to a peer, and whoever waits for them: the client's, and the questions of a server. */

import { setMaxListeners } from 'node:events'

import { type Outcome, outcomeOf, type RequestOptions } from './client/messages.js'
import type { Log } from './log.js'
import type { Progress, Settled } from './machine/outputs.js'
import type { JsonObject } from './values.js'

/** Takes a step of a machine, and performs what comes of it. */
type Step = <T>(mutate: (now: number) => T) => T

/** Whoever waits for a call. */
interface Waiting {
  readonly settle: (outcome: Outcome) => void
  readonly hear: (params: JsonObject) => void
}

/** The calls of one machine. */
export class Calls {
  readonly #machine: { cancel(now: number, call: number): void }
  readonly #step: Step
  readonly #log: Log
  readonly #waiting = new Map<number, Waiting>()

  constructor(machine: { cancel(now: number, call: number): void }, step: Step, log: Log) {
    this.#machine = machine
    this.#step = step
    this.#log = log
  }

  /**
   * Sees a call through from its beginning to its outcome. `begin` hands it to the machine, and gives its handle. Rejects
   * with what `progress` throws.
   */
  make(
    begin: (now: number) => number,
    { signal, progress }: Pick<RequestOptions, 'progress' | 'signal'>,
  ): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      check(signal, progress)
      if (signal !== undefined) expectMany(signal)
      let call = 0
      const cancel = (): void => this.#step((now) => this.#machine.cancel(now, call))
      const leave = (): void => {
        this.#waiting.delete(call)
        signal?.removeEventListener('abort', cancel)
      }
      const settle = (outcome: Outcome): void => {
        leave()
        resolve(outcome)
      }
      const giveUp = (error: unknown): void => {
        if (!this.#waiting.has(call)) return this.#log('error', 'a callback for progress failed after its call', error)
        leave()
        cancel()
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- it is what was thrown
        reject(error)
      }
      const hear = (params: JsonObject): void => attempt(() => progress?.(params), giveUp)
      // Whoever waits is known before anything can come of the call.
      this.#step((now) => {
        call = begin(now)
        this.#waiting.set(call, { settle, hear })
        signal?.addEventListener('abort', cancel)
      })
    })
  }

  /** Brings progress to who asked for it. */
  progress({ call, params }: Progress): void {
    this.#waiting.get(call)?.hear(JSON.parse(params) as JsonObject)
  }

  /** Brings an outcome to whoever waits for it. */
  settle(event: Settled): void {
    this.#waiting.get(event.call)?.settle(outcomeOf(event))
  }
}

/** What would fail in the midst of a call is refused before it begins. */
const check = (signal: unknown, progress: unknown): void => {
  if (signal !== undefined && !isSignal(signal)) throw new TypeError('signal: an AbortSignal is wanted')
  if (progress !== undefined && typeof progress !== 'function') throw new TypeError('progress: a function is wanted')
}

/** Whether it does what an AbortSignal does: under test runners and in frames there are other classes of that name. */
const isSignal = (given: unknown): given is AbortSignal =>
  typeof given === 'object' &&
  given !== null &&
  'aborted' in given &&
  'addEventListener' in given &&
  'removeEventListener' in given

/** As many calls as there are may have the same signal; node warns of more than ten listeners. */
const expectMany = (signal: AbortSignal): void => {
  try {
    setMaxListeners(0, signal)
  } catch {
    // A signal that is not node's does not count them.
  }
}

const attempt = (run: () => unknown, onError: (error: unknown) => void): void => {
  try {
    const given = run()
    if (given !== undefined) Promise.resolve(given).catch(onError)
  } catch (error) {
    onError(error)
  }
}
