/** A session, as the application sees it. */

import type { Inbox } from '../client/inbox.js'
import type { SessionStarted } from '../machine/outputs.js'
import type { EndReason } from '../machine/words.js'
import { type JsonObject, objectOf, textOf } from '../values.js'
import type { AskOptions, Desk } from './desk.js'
import type { Handler } from './duties.js'
import type { HttpRequest } from './exchange.js'
import type { McpRequest } from './request.js'

/**
 * A session with one client.
 *
 * A session handler lives as long as its session: it ends with `run`, or with `for await (const request of session)`. One
 * that returns earlier, or throws, ends its session; one that does not read its requests gets them answered with an
 * error.
 */
export class McpSession {
  /** Its handle; not the id on the wire, which is a secret of the client. */
  readonly id: number
  /** The HTTP request that began it. */
  readonly http: HttpRequest
  /** The params of the client's `initialize`: who it is (`clientInfo`), what it can do (`capabilities`). */
  readonly params: JsonObject
  /**
   * Resolves when it has ended, and says why: `deleted`, `idle`, `evicted`, `shutdown`, `handler_returned`,
   * `handler_failed` or `refused`.
   */
  readonly ended: Promise<EndReason>
  readonly #desk: Desk
  readonly #inbox: Inbox<McpRequest>

  /** @internal */
  constructor(
    desk: Desk,
    event: SessionStarted,
    inbox: Inbox<McpRequest>,
    http: HttpRequest,
    ended: Promise<EndReason>,
  ) {
    this.id = event.session
    this.http = http
    this.params = objectOf(event.params) ?? {}
    this.ended = ended
    this.#desk = desk
    this.#inbox = inbox
  }

  /** Whether it has not ended. */
  get isAlive(): boolean {
    return this.#desk.sessions.get(this.id) === this
  }

  /** Its requests; taking one is the promise to answer it. They end with the session. */
  [Symbol.asyncIterator](): AsyncIterableIterator<McpRequest, undefined, undefined> {
    return {
      next: async () => {
        const next = await this.#inbox.next()
        if (!next.done) this.#desk.duties.handOut(next.value)
        return next
      },
      // The session goes on: others may read it.
      return: () => Promise.resolve({ done: true, value: undefined }),
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  /** The default loop: runs `handler` for each request, until the session has ended. Resolves to the reason. */
  async run(handler: Handler): Promise<EndReason> {
    for (let next; !(next = await this.#inbox.next()).done;) void this.#desk.duties.handle(next.value, handler)
    return this.ended
  }

  /** Sends a notification on the client's standalone stream; until there is one it is kept, within bounds. */
  notify(method: string, params?: object): void {
    const text = textOf(params)
    const { engine } = this.#desk
    engine.step((now) => engine.machine.notify(now, { session: this.id }, method, text))
  }

  /**
   * Asks the client, on its standalone stream. What belongs to a request is better asked by `McpRequest.ask`.
   *
   * Rejects with a `PeerError` if the answer is an error, with a `CallFailed` if there is none.
   */
  ask(method: string, params?: object, options?: AskOptions): Promise<JsonObject> {
    return this.#desk.ask({ session: this.id }, method, params, options)
  }

  /**
   * Ends the session, for a reason of those that `ended` gives. What is in flight in it is answered with an error; the
   * client's next request gets 404, upon which it starts anew.
   */
  end(reason: EndReason): void {
    const { engine } = this.#desk
    engine.step((now) => engine.machine.endSession(now, this.id, reason))
  }
}
