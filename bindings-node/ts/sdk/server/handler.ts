/** What serves servers of the SDK: all of it that is the same for all generations of the SDK. */

import type { Inspection } from '../../machine/inspection.js'
import type { Message } from '../../machine/outputs.js'
import { Server } from '../../machine/server.js'
import type { ServerSettings } from '../../machine/settings.js'
import { recordingFor } from '../../recording.js'
import { Engine, type EngineOptions, type ServerEvent } from '../../server/engine.js'
import type { HttpRequest, NodeRequest, NodeResponse } from '../../server/exchange.js'
import { Channel, type Line, RequestChannel } from './channel.js'

/** What is known of whoever asks, as the SDK's own authentication has found it out. */
export interface SdkAuthInfo {
  readonly clientId: string
}

/** Options beside the settings of the machine. Times are milliseconds. */
export interface HandlerOptions<AuthInfo extends SdkAuthInfo> extends ServerSettings, Omit<EngineOptions, 'principal'> {
  /**
   * Who asks: a session belongs to the principal that began it, and is unknown to others. By default it is the client id
   * of the authentication, if there was one.
   */
  readonly principal?: (http: HttpRequest, authInfo: AuthInfo | undefined) => string | null | undefined
}

/** What a layer in front knows of a request. */
export interface RequestOptions<AuthInfo extends SdkAuthInfo> {
  /** The outcome of the authentication, for the application's handlers. */
  readonly authInfo?: AuthInfo | undefined
  /** The body, if something has read and parsed it. */
  readonly parsedBody?: unknown
}

/** Where a message came from. */
export interface Origin<AuthInfo extends SdkAuthInfo> {
  readonly http: HttpRequest | undefined
  readonly authInfo: AuthInfo | undefined
  /** Lets the connection of its response go, or that of the session's own stream; only where clients come back. */
  readonly release: { readonly response?: () => void; readonly standalone?: () => void }
}

/** How a channel begins. */
export interface Opening<SdkMessage, AuthInfo extends SdkAuthInfo> {
  readonly origin: Origin<AuthInfo>
  /** All that there is to serve, if it is not a session. */
  readonly message: SdkMessage | undefined
  /** Takes what the SDK says beside its messages. */
  readonly report: (error: unknown) => void
}

/** What has to be known of the SDK. */
export interface Sdk<SdkMessage extends object, Extra, AuthInfo extends SdkAuthInfo> {
  /** A message as the SDK has it; throws if it has no such message. */
  read(value: unknown): SdkMessage
  /** What its handlers are told beside a message. */
  extra(origin: Origin<AuthInfo>): Extra
  /** Has a server of the application's serve a channel, which learns when that is made. */
  serve(channel: Channel<SdkMessage, Extra>, opening: Opening<SdkMessage, AuthInfo>): Promise<void>
}

const ENDED = { code: -32603, message: 'the server ended before it had answered', data: null }
const NOWHERE = { http: undefined, authInfo: undefined, release: {} }

/** Serves HTTP with servers of the SDK: one for each session, and one for each request that is of none. */
export class Handler<SdkMessage extends object, Extra, AuthInfo extends SdkAuthInfo> implements AsyncDisposable {
  readonly #sdk: Sdk<SdkMessage, Extra, AuthInfo>
  readonly #engine: Engine
  readonly #sessions = new Map<number, Channel<SdkMessage, Extra>>()
  /** Which channel has a request that is not answered yet. */
  readonly #owners = new Map<number, Channel<SdkMessage, Extra>>()
  readonly #authInfos = new WeakMap<HttpRequest, AuthInfo>()

  /** @throws {ConfigError} if a setting cannot work; it says what to write instead. */
  constructor(sdk: Sdk<SdkMessage, Extra, AuthInfo>, options: HandlerOptions<AuthInfo>) {
    const { principal = clientIdOf, record, log, ...given } = options
    const settings = { ...given, recording: recordingFor(record, given.recording) }
    const engineOptions = { ...(record && { record }), ...(log && { log }) }
    this.#sdk = sdk
    this.#engine = new Engine(new Server(null, settings, { relay: true }), (event) => this.#deliver(event), {
      ...engineOptions,
      principal: (http) => principal(http, this.#authInfoOf(http)),
    })
  }

  /**
   * Serves a web-standard request, for Hono (`(c) => handler.fetch(c.req.raw)`), Bun, Deno and the like. It resolves with
   * the head of the response, and rejects for nothing that a client does.
   */
  readonly fetch = (request: Request, options: RequestOptions<AuthInfo> = {}): Promise<Response> => {
    if (options.authInfo !== undefined) this.#authInfos.set(request, options.authInfo)
    return this.#engine.fetch(request, { body: options.parsedBody })
  }

  /**
   * Serves a request of node:http or node:http2: `createServer(handler.node)`, or in Express
   * `app.all('/mcp', handler.node)`. Where the SDK's middleware has authenticated the client, `request.auth` says so; a
   * body that was parsed is taken from `request.body`.
   */
  readonly node = (request: NodeRequest, response: NodeResponse, _next?: unknown): void =>
    this.#engine.node(request, response)

  /** Who waits for what, and why: every request with its story, every exchange. */
  inspect(): Inspection {
    return this.#engine.machine.inspect()
  }

  /**
   * Takes nothing new (503), ends the standing streams, and gives requests in flight `grace` milliseconds; the rest gets
   * an error. Resolves when everything is answered, written and ended. The HTTP server is the application's to close.
   */
  async close(grace = 10_000): Promise<void> {
    await this.#engine.shutDown(grace)
  }

  /** Closes it, with the default grace. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Tells the clients of all sessions. */
  protected tellSessions(method: string, params?: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', method, ...(params && { params }) })
    this.#engine.step((now) => this.#engine.machine.send(now, text))
  }

  #deliver(event: ServerEvent): void {
    if (event.type === 'message') this.#receive(event)
    else if (event.type === 'sessionStarted') this.#begin(event.session, event.key, event.exchange)
    else if (event.type === 'sessionEnded') this.#end(event.session)
    else if (event.type === 'notice') this.#engine.log('debug', `${event.kind}: ${event.detail}`)
  }

  #begin(session: number, key: string, exchange: number): void {
    const { machine } = this.#engine
    const channel = new Channel<SdkMessage, Extra>(
      this.#line(
        (now, text, via) => machine.send(now, text, { session, via: via ?? null }),
        (now) => machine.endSession(now, session, 'handler_returned'),
      ),
      key,
    )
    this.#sessions.set(session, channel)
    const origin = this.#origin({ exchange, session, obligation: null })
    void this.#serve(channel, origin, undefined, (now) => machine.endSession(now, session, 'handler_failed'))
  }

  #end(session: number): void {
    const channel = this.#sessions.get(session)
    this.#sessions.delete(session)
    channel?.end()
  }

  #receive(message: Message): void {
    if (message.failure?.kind === 'cancelled') return // by the SDK, which waits for nothing any more
    const { text, obligation, session } = message
    let read: SdkMessage
    try {
      read = this.#sdk.read(JSON.parse(text))
    } catch (error) {
      this.#engine.log('debug', 'a client sent what the SDK has no message for', error)
      if (obligation !== null) this.#refuse(obligation, -32600, `the SDK cannot read the message: ${String(error)}`)
      return
    }
    // The machine's own: a request needs no answer any more.
    if (message.exchange === null && session === null) return this.#withdraw(read)
    const origin = this.#origin(message)
    const channel = session === null ? this.#beginRequest(read, obligation, origin) : this.#sessions.get(session)
    if (channel === undefined) return
    if (obligation !== null) this.#owners.set(obligation, channel)
    channel.put({ message: read, extra: this.#sdk.extra(origin), obligation: session === null ? null : obligation })
  }

  #withdraw(cancelled: SdkMessage): void {
    const { requestId } = (cancelled as unknown as { params: { requestId: number } }).params
    const channel = this.#owners.get(requestId)
    this.#owners.delete(requestId)
    if (channel instanceof RequestChannel) channel.end()
    else channel?.put({ message: cancelled, extra: this.#sdk.extra(NOWHERE), obligation: null })
  }

  #beginRequest(
    message: SdkMessage,
    obligation: number | null,
    origin: Origin<AuthInfo>,
  ): RequestChannel<SdkMessage, Extra> {
    const { machine } = this.#engine
    const refuse = (now: number): void => {
      if (obligation !== null) machine.respond(now, obligation, ENDED)
    }
    const channel = new RequestChannel<SdkMessage, Extra>(
      this.#line((now, text, via) => machine.send(now, text, { via: via ?? null }), refuse),
      obligation,
    )
    void this.#serve(channel, origin, message, refuse)
    return channel
  }

  async #serve(
    channel: Channel<SdkMessage, Extra>,
    origin: Origin<AuthInfo>,
    message: SdkMessage | undefined,
    fail: (now: number) => void,
  ): Promise<void> {
    const report = (error: unknown): void => this.#engine.log('debug', 'the SDK reports an error', error)
    try {
      await this.#sdk.serve(channel, { origin, message, report })
      channel.isServed()
    } catch (error) {
      this.#engine.log('error', 'no server could be made for a client', error)
      this.#engine.step(fail)
      channel.end()
    }
  }

  #refuse(obligation: number, code: number, message: string): void {
    this.#engine.step((now) => this.#engine.machine.respond(now, obligation, { code, message, data: null }))
  }

  #line(post: (now: number, text: string, via: number | undefined) => void, hungUp: (now: number) => void): Line {
    const { machine } = this.#engine
    return {
      take: (obligation) => {
        const isThere = this.#engine.step((now) => machine.take(now, obligation))
        if (!isThere) this.#owners.delete(obligation)
        return isThere
      },
      post: (text, via) => this.#engine.step((now) => post(now, text, via)),
      answered: (obligation) => void this.#owners.delete(obligation),
      report: (error) => this.#engine.log('error', 'a server of the SDK threw, or a callback of it', error),
      hungUp: () => this.#engine.step(hungUp),
    }
  }

  #origin({ exchange, session, obligation }: Pick<Message, 'exchange' | 'session' | 'obligation'>): Origin<AuthInfo> {
    const { machine } = this.#engine
    const http = exchange === null ? undefined : this.#engine.http(exchange)
    const release = (to: { request: number } | { session: number }) => (): void =>
      this.#engine.step((now) => machine.releaseConnection(now, to))
    return {
      http,
      authInfo: http && this.#authInfoOf(http),
      release: {
        ...(session !== null && obligation !== null && { response: release({ request: obligation }) }),
        ...(session !== null && { standalone: release({ session }) }),
      },
    }
  }

  #authInfoOf(http: HttpRequest): AuthInfo | undefined {
    return this.#authInfos.get(http) ?? (http as { auth?: AuthInfo }).auth
  }
}

const clientIdOf = (_http: HttpRequest, authInfo: SdkAuthInfo | undefined): string | undefined => authInfo?.clientId
