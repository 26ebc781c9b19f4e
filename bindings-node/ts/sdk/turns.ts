/** Messages for the SDK, one at a time. */

/**
 * Does things in order, each in a turn of its own. The SDKs need that: they handle a notification a turn later than a
 * response, and would have forgotten a request before they come to its last progress.
 */
export class Turns {
  #jobs: (() => void)[] = []
  #isTurning = false

  /** Does it when it is its turn. What it throws is nobody's, and stops nothing. */
  add(job: () => void): void {
    this.#jobs.push(job)
    if (!this.#isTurning) this.#turn()
  }

  /** Forgets what has not had its turn. */
  clear(): void {
    this.#jobs = []
  }

  #turn(): void {
    this.#isTurning = true
    queueMicrotask(() => {
      try {
        this.#jobs.shift()?.()
      } finally {
        // After the job: what it leaves for its own next turn comes before the next job.
        if (this.#jobs.length > 0) this.#turn()
        else this.#isTurning = false
      }
    })
  }
}
