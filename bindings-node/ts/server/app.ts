/** An MCP server, for node:http and for web-standard handlers. */

import { type Inbox, unbound } from '../client/inbox.js'
import { Messages } from '../client/readers.js'
import { ConfigError } from '../machine/errors.js'
import type { Identity } from '../machine/identity.js'
import type { Inspection } from '../machine/inspection.js'
import { Server } from '../machine/server.js'
import type { ServerSettings } from '../machine/settings.js'
import { recordingFor } from '../recording.js'
import { textOf } from '../values.js'
import { Desk, type SessionHandler } from './desk.js'
import type { Handler } from './duties.js'
import type { Engine, EngineOptions } from './engine.js'
import type { AppEvent } from './events.js'
import type { NodeRequest, NodeResponse, ServeOptions } from './exchange.js'
import type { McpSession } from './session.js'

// The newest revision that has sessions.
const NEWEST_WITH_SESSIONS = '2025-11-25'
// How many events wait for their reader.
const MOST_EVENTS = 256

/** How an `App` is set up, beside who it is and what it does: the settings of its machine, and the application's own. */
export interface AppOptions extends ServerSettings, EngineOptions {}

/** What an application does: for each request, for each session, or both. */
export interface Handlers {
  readonly request?: Handler
  readonly session?: SessionHandler
}

/**
 * An MCP server, for every revision of the protocol, in which every request gets an answer, or an error that says why
 * not.
 *
 * It says that it is `identity`, with the capabilities that are in there: a client asks for tools only where `tools` are
 * declared. Each request runs the handler; what that returns, or resolves to, is the result.
 *
 * ```js
 * import { createServer } from 'node:http'
 * import { App, PeerError } from 'mcp-sansio'
 *
 * const app = new App({ name: 'tools', version: '1.0', capabilities: { tools: {} } }, async (request) => {
 *   if (request.method === 'tools/call') {
 *     return { content: [{ type: 'text', text: request.params.arguments.text }] }
 *   }
 *   throw new PeerError(-32601, `${request.method} is not there`)
 * })
 * createServer(app.node).listen(3000)
 * ```
 *
 * With `{ session }` each session runs a function of its own, which reads the session's requests. The protocol has no
 * sessions any more since 2026-07-28: without `request` beside it, the revisions before are served only.
 */
export class App implements AsyncDisposable {
  readonly #engine: Engine
  readonly #desk: Desk
  #events: Inbox<AppEvent> | undefined

  /** @throws {ConfigError} if a setting cannot work; it says what to write instead. */
  constructor(identity: Identity, handler: Handler | Handlers, options: AppOptions = {}) {
    const { principal, record, log, ...settings } = options
    const handlers: Handlers = typeof handler === 'function' ? { request: handler } : handler
    checkHandlers(handlers)
    checkFunctions({ principal, record, log })
    // Machines without one are for hosts that speak the handshake themselves.
    if ((identity as unknown) === null) throw new ConfigError('identity: say who the server is, { name, version }')
    const machine = new Server(
      identity,
      settingsOf(handlers, { ...settings, recording: recordingFor(record, settings.recording) }),
    )
    const tell = (event: AppEvent): void => this.#events?.put(event)
    this.#desk = new Desk(machine, handlers.request, handlers.session, tell, { principal, record, log })
    this.#engine = this.#desk.engine
  }

  /**
   * Serves a web-standard request, for Hono (`(c) => app.fetch(c.req.raw)`), Bun, Deno and the like. It resolves with
   * the head of the response, and rejects for nothing that a client does.
   */
  readonly fetch: FetchHandler = (request: Request, options?: unknown): Promise<Response> =>
    this.#engine.fetch(request, optionsOf(options))

  /**
   * Serves a request of node:http or node:http2: `createServer(app.node)`, and in Express `express.all('/mcp', app.node)`.
   * In Fastify: `reply.hijack()`, then `app.node(request.raw, reply.raw, { body: request.body })`.
   *
   * A body that something in front has parsed is taken from `request.body`, as Express has it, or from the options.
   *
   * Node's own limits hold beside those of the machine: `requestTimeout` and `headersTimeout` for how long a request may
   * take to come, `keepAliveTimeout` for connections between two. A `timeout` of the server, which it has not by itself,
   * must be longer than `timing.keepAlive` (15 s), or it ends streams that are silent.
   */
  readonly node = (request: NodeRequest, response: NodeResponse, options?: ServeOptions | NextFunction): void =>
    this.#engine.node(request, response, optionsOf(options))

  /**
   * Sends a notification to the clients of all sessions, and to all subscriptions that ask for it.
   *
   * ```js
   * app.notifyAll('notifications/tools/list_changed')
   * ```
   */
  notifyAll(method: string, params?: object): void {
    const text = textOf(params)
    this.#engine.step((now) => this.#engine.machine.notify(now, 'all', method, text))
  }

  /**
   * Says which tools there are, instead of what was said before. It can be done at any time.
   *
   * It is for tools with `x-mcp-header` annotations, so that the headers of their callers (since 2026-07-28) are checked
   * from the first call on. Without it, the server learns of them as lists of tools pass by.
   *
   * @throws {ConfigError} where an annotation is wrong; it names the tool, and nothing is replaced.
   */
  declareTools(tools: readonly object[]): void {
    const text = JSON.stringify(tools)
    this.#engine.step(() => this.#engine.machine.declareTools(text))
  }

  /** The sessions that are alive, by their handles: to notify a client, to ask it, to end it. */
  get sessions(): ReadonlyMap<number, McpSession> {
    return this.#desk.sessions
  }

  /**
   * What happens beside the requests, from now on. There is one reader: an older one ends. One that reads too slowly
   * finds the newest 256.
   */
  events(): Messages<AppEvent> {
    this.#events?.end()
    const events = unbound<AppEvent>(MOST_EVENTS)
    this.#events = events
    return new Messages(events, () => {
      if (this.#events === events) this.#events = undefined
    })
  }

  /** Who waits for what, and why: every request with its story, every exchange. */
  inspect(): Inspection {
    return this.#engine.machine.inspect()
  }

  /**
   * Takes nothing new (503), ends the standing streams, and gives requests in flight `grace` milliseconds; the rest gets
   * an error. Resolves when everything is answered, written and ended. The HTTP server is the application's to close:
   *
   * ```js
   * process.once('SIGTERM', async () => {
   *   server.close()
   *   await app.close()
   *   server.closeIdleConnections()
   * })
   * ```
   */
  async close(grace = 10_000): Promise<void> {
    await this.#engine.shutDown(grace)
  }

  /** Closes it, with the default grace. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** A web-standard handler. What else servers hand to theirs means nothing to it. */
export interface FetchHandler {
  (request: Request, options?: ServeOptions): Promise<Response>
  (request: Request, ...others: unknown[]): Promise<Response>
}

/** What Express hands to its handlers last. */
type NextFunction = (error?: unknown) => void

const optionsOf = (given: unknown): ServeOptions => (typeof given === 'object' && given !== null ? given : {})

const checkHandlers = (handlers: Handlers | undefined): void => {
  const { request, session, ...others } = handlers ?? {}
  const [other] = Object.keys(others)
  if (other !== undefined) throw new ConfigError(`${other}: handlers are \`request\` and \`session\``)
  if (request === undefined && session === undefined) {
    throw new ConfigError('nothing answers the requests: give a function, or { request }, { session } or both')
  }
  checkFunctions({ request, session })
}

const checkFunctions = (functions: Record<string, unknown>): void => {
  for (const [name, given] of Object.entries(functions)) {
    if (given !== undefined && typeof given !== 'function')
      throw new ConfigError(`${name}: what is given is no function`)
  }
}

const settingsOf = (handlers: Handlers, settings: ServerSettings): ServerSettings => {
  let { versions } = settings
  if (handlers.session !== undefined) {
    checkSessions(settings)
    if (handlers.request === undefined) {
      const [oldest, newest] = versions ?? ['2024-11-05', NEWEST_WITH_SESSIONS]
      versions = [oldest, newest < NEWEST_WITH_SESSIONS ? newest : NEWEST_WITH_SESSIONS]
    }
  }
  return { ...settings, ...(versions && { versions }) }
}

const checkSessions = ({ sessions, versions }: ServerSettings): void => {
  const isModern = versions !== undefined && versions[0] > NEWEST_WITH_SESSIONS
  if (sessions !== false && !isModern) return
  const why = isModern ? '`versions` has only revisions without them' : '`sessions` is off'
  throw new ConfigError(`there are no sessions to handle: ${why}; give a \`request\` handler instead`)
}
