/** The requests of the SDK whose `send` is pending. */

/** How the `send` of a request ends. */
export interface Pending {
  readonly settle: () => void
  readonly fail: (error: Error) => void
}

/** The pending ones, by their ids as JSON. */
export class Requests {
  readonly #pending = new Map<string, Pending>()

  /** Adds one; `cancel` is called when the signal is aborted before it ends. */
  add(id: string, { settle, fail }: Pending, cancel: () => void, signal: AbortSignal | undefined): void {
    // An id that is used again belongs to the newer request; for the older one nothing comes.
    this.take(id)?.settle()
    signal?.addEventListener('abort', cancel, { once: true })
    const forget = (): void => signal?.removeEventListener('abort', cancel)
    this.#pending.set(id, {
      settle: () => {
        forget()
        settle()
      },
      fail: (error) => {
        forget()
        fail(error)
      },
    })
  }

  /** Takes one out, to end it. */
  take(id: string): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }

  /** Settles all. */
  settle(): void {
    for (const { settle } of this.#pending.values()) settle()
    this.#pending.clear()
  }
}
