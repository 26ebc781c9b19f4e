/** The application's ends of the inboxes. */

import type { Inbox } from './inbox.js'

// Whoever drops a reader without closing it must not take room for ever.
const dropped = new FinalizationRegistry<() => void>((leave) => leave())

/**
 * Messages in the order in which they came. Read it to its end, or leave it: `for await` does both, `await using` too.
 */
export class Messages<T> implements AsyncIterableIterator<T, undefined>, AsyncDisposable {
  readonly #inbox: Inbox<T>
  readonly #leave: () => void

  /** @internal */
  constructor(inbox: Inbox<T>, onLeave: () => void = () => {}) {
    this.#inbox = inbox
    this.#leave = () => {
      inbox.desert()
      onLeave()
    }
    dropped.register(this, this.#leave, this)
  }

  /** The next message; the end, when the client is closed or another reader has taken over. */
  next(): Promise<IteratorResult<T, undefined>> {
    return this.#inbox.next()
  }

  /** Nobody reads it any more: what is unread takes no room from others. */
  return(): Promise<IteratorResult<T, undefined>> {
    dropped.unregister(this)
    this.#leave()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }
}
