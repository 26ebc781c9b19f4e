/** The duty to answer a request. */

import { setMaxListeners } from 'node:events'

import type { Withdrawal } from '../machine/words.js'

/** What is known of a request beside itself, for as long as it is owed an answer. Nothing in it keeps the request. */
export class Duty {
  readonly id: number
  readonly method: string
  readonly session: number | null
  /** Until the request is answered or withdrawn. */
  isOwed = true
  withdrawn: Withdrawal | undefined
  #controller: AbortController | undefined

  constructor(id: number, method: string, session: number | null) {
    this.id = id
    this.method = method
    this.session = session
  }

  /** Aborted when nobody waits for the answer any more. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      setMaxListeners(0, this.#controller.signal) // a handler may use it for as much as it likes
      this.#abort()
    }
    return this.#controller.signal
  }

  /** Nobody waits for the answer any more. */
  withdraw(why: Withdrawal): void {
    this.isOwed = false
    this.withdrawn = why
    this.#abort()
  }

  #abort(): void {
    if (this.withdrawn === undefined) return
    const sentence = `nobody waits for the answer to ${this.method} any more: ${this.withdrawn}`
    this.#controller?.abort(new DOMException(sentence, 'AbortError'))
  }
}
