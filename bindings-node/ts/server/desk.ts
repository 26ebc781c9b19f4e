/** What the machine has for the application, brought to whoever it is for. */

import { Calls } from '../calls.js'
import { type Inbox, unbound } from '../client/inbox.js'
import { neverSent, type RequestOptions, resultOf } from '../client/messages.js'
import type { Notice, ServerRequest, SessionEnded, SessionStarted, Withdrawn } from '../machine/outputs.js'
import type { Server, To } from '../machine/server.js'
import type { EndReason } from '../machine/words.js'
import { type JsonObject, objectOf, textOf } from '../values.js'
import { Deferred } from './deferred.js'
import { Duties, type Handler } from './duties.js'
import { Duty } from './duty.js'
import { Engine, type EngineOptions, type ServerEvent } from './engine.js'
import type { AppEvent } from './events.js'
import type { HttpRequest } from './exchange.js'
import { McpRequest } from './request.js'
import { McpSession } from './session.js'

/** How a client is asked. Times are milliseconds. */
export type AskOptions = Pick<RequestOptions, 'idle' | 'max' | 'progress' | 'signal'>

/** For each session: see `McpSession`. */
export type SessionHandler = (session: McpSession) => unknown

interface Host {
  readonly session: McpSession
  readonly inbox: Inbox<McpRequest>
  readonly ended: Deferred<EndReason>
}

/** Hands what comes from one machine to the application's handlers. */
export class Desk {
  readonly engine: Engine
  readonly duties: Duties
  readonly #calls: Calls
  readonly sessions = new Map<number, McpSession>()
  readonly #hosts = new Map<number, Host>()
  readonly #handleRequest: Handler | undefined
  readonly #handleSession: SessionHandler | undefined
  readonly #tell: (event: AppEvent) => void

  constructor(
    machine: Server,
    requests: Handler | undefined,
    sessions: SessionHandler | undefined,
    tell: (event: AppEvent) => void,
    options: EngineOptions,
  ) {
    this.engine = new Engine(machine, (event) => this.#deliver(event), options)
    this.duties = new Duties(this.engine)
    this.#calls = new Calls(machine, (mutate) => this.engine.step(mutate), this.engine.log)
    this.#handleRequest = requests
    this.#handleSession = sessions
    this.#tell = tell
  }

  /** Asks whom `to` names, and resolves to the result. */
  async ask(to: To, method: string, params?: object, options: AskOptions = {}): Promise<JsonObject> {
    const { signal, progress, ...times } = options
    if (signal?.aborted) return resultOf(neverSent(), signal)
    const text = textOf(params)
    const asked = { ...times, progress: progress !== undefined }
    const { machine } = this.engine
    return resultOf(await this.#calls.make((now) => machine.call(now, to, method, text, asked), options), signal)
  }

  #deliver(event: ServerEvent): void {
    switch (event.type) {
      case 'request':
        this.#handOver(event)
        break
      case 'withdrawn':
        this.#withdraw(event)
        break
      case 'settled':
        this.#calls.settle(event)
        break
      case 'progress':
        this.#calls.progress(event)
        break
      case 'sessionStarted':
        this.#begin(event)
        break
      case 'sessionEnded':
        this.#end(event)
        break
      case 'notification': {
        const { method, session, params } = event
        const from = session === null ? undefined : this.sessions.get(session)
        this.#tell({ type: 'notification', session: from, method, params: objectOf(params ?? '{}') ?? {} })
        break
      }
      case 'notice':
        this.#note(event)
        this.#tell(event)
        break
      case 'message':
      case 'shutDown':
      case 'unknown':
        break
    }
  }

  /** A request goes to the handler of its session, or to one of its own. */
  #handOver(event: ServerRequest): void {
    const host = event.session === null ? undefined : this.#hosts.get(event.session)
    const duty = new Duty(event.id, event.method, event.session)
    this.duties.add(duty)
    const http = this.engine.http(event.exchange) as HttpRequest
    const request = new McpRequest(this, event, duty, host?.session, http)
    if (host !== undefined && this.#handleSession !== undefined) host.inbox.put(request)
    else if (this.#handleRequest !== undefined) void this.duties.handle(request, this.#handleRequest)
    else this.duties.refuse(event.id, 'the request belongs to no session')
  }

  #withdraw(event: Withdrawn): void {
    const session = this.duties.withdraw(event)?.session ?? null
    if (session !== null) this.#hosts.get(session)?.inbox.remove((request) => request.id === event.id)
  }

  #begin(event: SessionStarted): void {
    const inbox = unbound<McpRequest>()
    const ended = new Deferred<EndReason>()
    const http = this.engine.http(event.exchange) as HttpRequest
    const session = new McpSession(this, event, inbox, http, ended.promise)
    this.sessions.set(session.id, session)
    this.#hosts.set(session.id, { session, inbox, ended })
    if (this.#handleSession !== undefined) void this.#host(session, inbox, this.#handleSession)
    this.#tell({ type: 'sessionStarted', session })
  }

  #end({ session: id, reason }: SessionEnded): void {
    const host = this.#hosts.get(id)
    if (host === undefined) return
    this.sessions.delete(id)
    this.#hosts.delete(id)
    host.inbox.end()
    host.ended.resolve(reason)
    this.#tell({ type: 'sessionEnded', session: host.session, reason })
  }

  /** Runs the handler of a session. However it ends, its session ends with it. */
  async #host(session: McpSession, inbox: Inbox<McpRequest>, handler: SessionHandler): Promise<void> {
    try {
      await handler(session)
      if (!session.isAlive) return
      this.engine.log(
        'error',
        `the handler of a session returned while its client was still there; the session was ended, and ${inbox.size} ` +
          'unread requests were answered with an error. Let it end with `await session.run(handler)`, or with ' +
          '`for await (const request of session)`',
      )
      session.end('handler_returned')
    } catch (error) {
      this.engine.log('error', 'the handler of a session failed; the session was ended', error)
      session.end('handler_failed')
    }
  }

  #note({ kind, detail, session }: Notice): void {
    const { log } = this.engine
    if (kind === 'not_taken') {
      const hint = 'Call `await session.run(handler)`, or `for await (const request of session)`'
      log('error', `no session handler reads: ${detail}. ${hint} (session ${String(session)})`)
    } else log(kind === 'dropped' || kind === 'ignored' ? 'warn' : 'debug', `${kind}: ${detail}`)
  }
}
