/** The managed client. */

import { BadResult } from '../errors.js'
import { careful, consoleLog, type Log } from '../log.js'
import type { Client } from '../machine/client.js'
import { refuseOthers } from '../machine/given.js'
import type { HeadersGiven } from '../machine/headers.js'
import type { Inspection } from '../machine/inspection.js'
import type { Known } from '../machine/settings.js'
import type { Version } from '../machine/words.js'
import { type JsonObject, textOf } from '../values.js'
import { Desk } from './desk.js'
import type { Http } from './http/http.js'
import { Hall, Inbox } from './inbox.js'
import {
  type Event,
  neverSent,
  type Notification,
  type Outcome,
  type RequestOptions,
  resultOf,
  type SubscriptionEvent,
} from './messages.js'
import { Pump } from './pump.js'
import { Messages } from './readers.js'
import { type Authorizer, type RequestHandler, Staff } from './staff.js'

/** Pages of a list that are fetched at most. A server that goes on after so many goes on for ever. */
const MOST_PAGES = 1_000

const OPTIONS = [
  'signal',
  'progress',
  'safe',
  'idle',
  'max',
  'headers',
] as const satisfies readonly (keyof RequestOptions)[]

/** What a client is given by the application. */
export interface Hosting {
  /** They go out with every request, unless the protocol sets that name. */
  readonly headers?: HeadersGiven | undefined
  /** Has credentials that change. Neither they nor `headers` are ever seen by the machine, nor in what it tells. */
  readonly authorizer?: Authorizer | undefined
  /** Answers the server's requests (sampling, elicitation, roots), in whichever way they come. */
  readonly onRequest?: RequestHandler | undefined
  /** Gets each step of the machine as lines of JSON, to be replayed by `mcp-sansio replay`. */
  readonly record?: ((lines: readonly string[]) => void) | undefined
  /** Gets what the application's own code throws where nobody waits for it; by default it goes to the console. */
  readonly log?: Log | undefined
}

/**
 * A client of one MCP server, from `connect`.
 *
 * Every call settles, in bounded time, with a result, the server's error, or a failure that says whether the server may
 * have run it. A client that nobody waits for does not keep the process alive; `close` ends its session in order.
 */
export class McpClient implements AsyncDisposable {
  readonly #machine: Client
  readonly #pump: Pump
  readonly #desk: Desk
  readonly #hall: Hall

  /** @internal */
  constructor(machine: Client, url: string, http: Http, hosting: Hosting) {
    const { headers, authorizer, onRequest, record } = hosting
    const log = careful(hosting.log ?? consoleLog)
    const step: Pump['step'] = (mutate) => this.#pump.step(mutate)
    this.#machine = machine
    this.#hall = new Hall(
      (hasRoom) => (this.#pump.room = hasRoom),
      (isAwaited) => (this.#pump.isAwaited = isAwaited),
    )
    const staff = new Staff(machine, step, log, onRequest, authorizer)
    this.#desk = new Desk(machine, step, this.#hall, staff, log)
    this.#pump = new Pump(machine, url, http, (event) => this.#desk.deliver(event), {
      headers,
      credentials: authorizer && (() => authorizer.credentials()),
      record: record && this.#recorder(record),
    })
  }

  /**
   * Calls a tool, and gives its result. That the tool failed is said in there, as `isError`.
   *
   * @throws {CallFailed | PeerError | BadResult} See `request`, also for the options.
   */
  callTool(name: string, args: JsonObject = {}, options?: RequestOptions): Promise<JsonObject> {
    return this.request('tools/call', { name, arguments: args }, options)
  }

  /**
   * The server's tools, of all pages. The options are those of each page.
   *
   * @throws {CallFailed | PeerError | BadResult} `BadResult` also after 1,000 pages.
   */
  async listTools(options?: RequestOptions): Promise<JsonObject[]> {
    const tools: JsonObject[] = []
    let cursor: unknown
    for (let page = 0; page < MOST_PAGES; page++) {
      const result = await this.request('tools/list', cursor === undefined ? undefined : { cursor }, options)
      if (!Array.isArray(result.tools)) throw new BadResult('tools/list without an array of tools')
      tools.push(...(result.tools as JsonObject[]))
      cursor = result.nextCursor
      if (typeof cursor !== 'string') return tools
    }
    throw new BadResult(`tools/list has more than ${MOST_PAGES} pages`)
  }

  /**
   * Any request, and its result.
   *
   * @throws {CallFailed} No answer came, and none will.
   * @throws {PeerError} The server's error.
   * @throws {BadResult} The result is no JSON object.
   */
  async request(method: string, params?: JsonObject, options?: RequestOptions): Promise<JsonObject> {
    return resultOf(await this.outcome(method, params, options), options?.signal)
  }

  /** As `request`, but gives the outcome whatever it is; it rejects for misuse, and with what `progress` throws. */
  async outcome(method: string, params?: JsonObject, options: RequestOptions = {}): Promise<Outcome> {
    refuseOthers('call', options, OPTIONS)
    const { signal, progress, ...rest } = options
    if (signal?.aborted) return neverSent()
    const text = textOf(params)
    const given = { ...rest, progress: progress !== undefined }
    return this.#desk.call((now) => this.#machine.call(now, method, text, given), options)
  }

  /** Asks whether the server is there, in the way of its era. Rejects as `request`. */
  async ping(options?: RequestOptions): Promise<void> {
    await this.request(this.known()?.era === 'modern' ? 'server/discover' : 'ping', undefined, options)
  }

  /** Sends a notification, in the background. Whether it arrived is told by `events` only. */
  notify(method: string, params?: JsonObject): void {
    const text = textOf(params)
    this.#pump.step((now) => this.#machine.notify(now, method, text))
  }

  /**
   * The server's notifications from now on, until the client is closed.
   *
   * There is one reader: an older one ends. Read it or leave it: while 64 messages wait here, further ones wait in the
   * machine. Outcomes never wait behind them.
   */
  notifications(): Messages<Notification> {
    const inbox = new Inbox<Notification>(this.#hall)
    this.#desk.readNotifications(inbox)
    return new Messages(inbox)
  }

  /**
   * Notices and changes of the session from now on, of which the newest 256 are kept for a slow reader.
   *
   * There is one reader: an older one ends.
   */
  events(): Messages<Event> {
    const inbox = new Inbox<Event>(this.#hall, 256)
    this.#desk.readEvents(inbox)
    return new Messages(inbox)
  }

  /**
   * Subscribes to what changes at the server (since 2026-07-28), such as `{ toolsListChanged: true }`.
   *
   * It starts at once, and ends with `ended`. A lost stream is opened again, within budgets, after a `gap`. A server of
   * an earlier revision says such things unasked: there it ends with a failure, and `notifications` has them. Leaving
   * the iterator ends the subscription.
   *
   * ```js
   * for await (const event of client.listen({ toolsListChanged: true })) {
   *   if (event.type !== 'ended') tools = await client.listTools()
   * }
   * ```
   */
  listen(filter: JsonObject): Messages<SubscriptionEvent> {
    const inbox = new Inbox<SubscriptionEvent>(this.#hall)
    const unlisten = this.#desk.listen(inbox, JSON.stringify({ notifications: filter }))
    return new Messages(inbox, unlisten)
  }

  /** The revision of the protocol that is spoken with the server. */
  get version(): Version | undefined {
    return this.known()?.version
  }

  /** What was learned of the server, for the `known` of a later client, which then begins with its first call. */
  known(): Known | null {
    return this.#machine.known()
  }

  /** Who waits for what, and why: every call with its story, every exchange. */
  inspect(): Inspection {
    return this.#machine.inspect()
  }

  /** Says that the authorizer has new credentials without being asked: what was refused is sent again. */
  credentialsChanged(): void {
    this.#pump.step((now) => this.#machine.authorize(now, true))
  }

  /**
   * Settles all calls as closed, and ends the session. Resolves when that is done, after the `close` of the timing at the
   * latest; never rejects.
   */
  async close(): Promise<void> {
    this.#hall.countWaiting(1)
    this.#pump.step((now) => this.#machine.close(now))
    await this.#pump.closed
    this.#hall.countWaiting(-1)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /**
   * Makes the handshake.
   *
   * @internal
   */
  async connect(signal: AbortSignal | undefined): Promise<void> {
    const outcome = signal?.aborted
      ? neverSent()
      : await this.#desk.call((now) => this.#machine.connect(now), { signal })
    resultOf(outcome, signal)
  }

  #recorder(record: (lines: readonly string[]) => void): (lines: readonly string[]) => void {
    let isEnded = false
    return (lines) => {
      if (isEnded) return
      try {
        record(lines)
      } catch (error) {
        isEnded = true
        this.#desk.tell({ type: 'recordingEnded', error })
      }
    }
  }
}
