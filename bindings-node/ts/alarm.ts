/** A timer that is set to deadlines. */

// What setTimeout can wait for, in milliseconds; for more it does not wait at all.
const LONGEST = 2 ** 31 - 1

/** Elsewhere than in Node it may be a number, and keeps nothing alive. */
type Timer = { ref?: () => unknown; unref?: () => unknown }

/**
 * Rings when a deadline has come; deadlines are times of `performance.now()`. Until then it keeps the process alive, if
 * it is to keep it awake.
 *
 * The timer is only set when a deadline comes earlier: most move later with every call, and waking up early once in a
 * while is cheaper than setting it each time. Node's timers may wake up early by themselves.
 */
export class Alarm {
  readonly #ring: () => void
  #deadline: number | null = null
  #timer: NodeJS.Timeout | undefined
  #wakesAt = Infinity
  #isAwake: boolean

  constructor(ring: () => void, isAwake: boolean) {
    this.#ring = ring
    this.#isAwake = isAwake
  }

  /** The next deadline; null: there is none. */
  set(deadline: number | null): void {
    this.#deadline = deadline
    if (deadline !== null && deadline < this.#wakesAt) this.#wakeAt(deadline)
  }

  /** Whether it keeps the process alive. */
  keepAwake(isAwake: boolean): void {
    this.#isAwake = isAwake
    const timer: Timer | undefined = this.#timer
    if (isAwake) timer?.ref?.()
    else timer?.unref?.()
  }

  /** Never rings again. */
  stop(): void {
    this.#sleep()
    this.#deadline = null
  }

  #wakeAt(deadline: number): void {
    this.#sleep()
    this.#wakesAt = deadline
    const delay = Math.min(Math.max(Math.ceil(deadline - performance.now()), 0), LONGEST)
    this.#timer = setTimeout(() => this.#wake(), delay)
    this.keepAwake(this.#isAwake)
  }

  #sleep(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#wakesAt = Infinity
  }

  #wake(): void {
    this.#sleep()
    if (this.#deadline === null) return
    if (this.#deadline <= performance.now()) this.#ring()
    else this.#wakeAt(this.#deadline)
  }
}
