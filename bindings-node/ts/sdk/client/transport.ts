/** The client transport under the SDK's clients: all of it that is the same for all generations of the SDK. */

import { type ClientEvent, Pump } from '../../client/pump.js'
import { Client } from '../../machine/client.js'
import type { Inspection } from '../../machine/inspection.js'
import type { Failure, Refusal } from '../../machine/outcome.js'
import type { Message } from '../../machine/outputs.js'
import type { NoticeKind, Version } from '../../machine/words.js'
import { Turns } from '../turns.js'
import type { Authorization, Dialect } from './dialect.js'
import { chooseHttp, SdkHttp } from './http.js'
import { type OwnOptions, type SdkOptions, settingsOf } from './options.js'
import { type Pending, Requests } from './requests.js'

/** What the SDK says beside a message. */
export interface SendOptions {
  readonly resumptionToken?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly requestSignal?: AbortSignal | undefined
}

/** What the application should know, though no call fails of it. */
const REPORTED = new Set<NoticeKind>(['dropped', 'undelivered'])
/** The version that is meant where none is said. */
const UNSAID: Version = '2025-03-26'

/**
 * A transport of the SDK's on a client machine. `send` of a request resolves when its answer was handed over, and
 * rejects with an error of the SDK if there will be none: one or the other happens within a bound.
 */
export abstract class ClientTransport<SdkMessage extends object> {
  /** Called when the transport is closed. */
  onclose?: (() => void) | undefined
  /** Called with what goes wrong, also if a call has rejected with it. */
  onerror?: ((error: Error) => void) | undefined
  /** Called with each message of the server. */
  onmessage?: ((message: SdkMessage) => void) | undefined

  readonly #url: string
  readonly #dialect: Dialect<SdkMessage>
  readonly #options: OwnOptions & SdkOptions
  readonly #authorization: Authorization | undefined
  readonly #http: SdkHttp
  readonly #requests = new Requests()
  readonly #turns = new Turns()
  #made: { readonly machine: Client; readonly pump: Pump } | undefined
  #version: string | undefined
  #denial: Error | undefined
  #isStarted = false
  #isClosed = false
  #isTerminated = false

  protected constructor(
    url: URL | string,
    dialect: Dialect<SdkMessage>,
    options: OwnOptions & SdkOptions,
    authorization?: Authorization,
  ) {
    this.#url = String(url)
    this.#dialect = dialect
    this.#options = options
    this.#authorization = authorization
    this.#version = options.protocolVersion
    this.#http = new SdkHttp(chooseHttp(options), authorization?.token)
    // Which version a session was made with is said later, if at all. Whatever else is wrong is said now.
    if (options.sessionId === undefined) this.#machine()
  }

  /** The id of the session, while there is one. */
  get sessionId(): string | undefined {
    if (this.#isTerminated) return undefined
    return this.#made === undefined ? this.#options.sessionId : (this.#made.machine.known()?.session ?? undefined)
  }

  /** The version that the client and the server have agreed on. */
  get protocolVersion(): string | undefined {
    return this.#version
  }

  /** Called by the SDK. With a `sessionId` from earlier it says which version that was made with. */
  setProtocolVersion(version: string): void {
    this.#version = version
  }

  /** Called by the SDK when it connects. */
  start(): Promise<void> {
    const sentence = 'the transport was started before: a client starts its transport itself, and has it for itself'
    if (this.#isStarted) return Promise.reject(new Error(sentence))
    this.#isStarted = true
    return Promise.resolve()
  }

  /** Sends a message. For a request it resolves when the answer was handed over. */
  send(message: SdkMessage, options: SendOptions = {}): Promise<void> {
    const { resumptionToken, headers, requestSignal } = options
    if (resumptionToken !== undefined) {
      const sentence = 'this transport resumes streams by itself: leave the resumption token out'
      return Promise.reject(this.#dialect.unsupported(sentence))
    }
    const id = 'method' in message && 'id' in message ? JSON.stringify(message.id) : undefined
    const text = JSON.stringify(message)
    return new Promise((resolve, reject) => {
      const { machine, pump } = this.#machine()
      if (id === undefined) resolve()
      else {
        const cancel = (): void => pump.step((now) => machine.cancelMessage(now, id))
        this.#requests.add(id, { settle: resolve, fail: reject }, cancel, requestSignal)
      }
      pump.step((now) => machine.send(now, text, headers && { headers }))
    })
  }

  /** Who waits for what, and why: every request with its story, every exchange. */
  inspect(): Inspection {
    return this.#machine().machine.inspect()
  }

  /** Ends all that is in flight. The session lives on, at the server; `terminateSession` ends it. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    // The SDK has words of its own for what is in flight when it closes.
    this.#requests.settle()
    this.#turns.clear()
    try {
      this.onclose?.()
    } finally {
      await this.#close()
    }
  }

  /** Tells the server that the session is over, within the `close` of the timing. Close the client then. */
  async terminateSession(): Promise<void> {
    if (this.sessionId === undefined) return
    this.#http.saysGoodbye = true
    this.#machine()
    this.#isTerminated = true
    await this.#close()
  }

  /** To be called when there are other credentials than before. */
  protected credentialsChanged(): void {
    if (this.#made === undefined) return
    const { machine, pump } = this.#made
    pump.step((now) => machine.authorize(now, true))
  }

  #machine(): { readonly machine: Client; readonly pump: Pump } {
    return (this.#made ??= this.#make())
  }

  #make(): { readonly machine: Client; readonly pump: Pump } {
    const { sessionId, requestInit, record } = this.#options
    const known = sessionId === undefined ? {} : { known: { version: this.#saidVersion(), session: sessionId } }
    const authorizer = this.#authorization === undefined ? {} : { authorizer: true }
    const settings = { ...settingsOf(this.#options), ...known, ...authorizer }
    const machine = new Client(this.#url, null, settings, { relay: true })
    const headers = new Headers(requestInit?.headers)
    const pump = new Pump(machine, this.#url, this.#http, (event) => this.#deliver(event), { headers, record })
    pump.isAwaited = true // as with the SDK's own: an open stream keeps the process alive
    return { machine, pump }
  }

  #saidVersion(): Version {
    return (this.#version ?? UNSAID) as Version
  }

  async #close(): Promise<void> {
    if (this.#made === undefined) return
    const { machine, pump } = this.#made
    pump.step((now) => machine.close(now))
    await pump.closed
  }

  #deliver(event: ClientEvent): void {
    if (event.type === 'message') this.#turns.add(() => this.#receive(event))
    else if (event.type === 'unauthorized') void this.#ask(event.refusal)
    else if (event.type === 'notice' && REPORTED.has(event.kind)) {
      this.#turns.add(() => this.onerror?.(new Error(event.detail)))
    }
  }

  #receive(message: Message): void {
    const { answers, failure } = message
    if (answers === null) return this.#hand(message)
    const request = this.#requests.take(answers)
    if (request === undefined) return // after the end
    if (failure?.kind === 'cancelled') return request.settle() // by the SDK, which waits for nothing any more
    const error = failure === null ? undefined : this.#errorOf(failure)
    if (error === undefined) this.#hand(message, request)
    else this.#fail(request, error, message)
  }

  #fail(request: Pending, error: Error, answer: Message): void {
    request.fail(error)
    // Not before whoever waits for `send` knows.
    if (!this.#dialect.forgets) setImmediate(() => this.#isClosed || this.#hand(answer))
    this.onerror?.(error)
  }

  #errorOf(failure: Failure): Error | undefined {
    return failure.kind === 'unauthorized' && this.#denial !== undefined ? this.#denial : this.#dialect.failed(failure)
  }

  #hand(received: Message, request?: Pending): void {
    let message: SdkMessage
    try {
      message = this.#dialect.read(JSON.parse(received.text))
    } catch (cause) {
      const error = this.#dialect.unreadable(cause)
      if (request !== undefined) return this.#fail(request, error, unreadable(received, error))
      if (received.obligation !== null) this.#refuse(received.obligation, error)
      return this.onerror?.(error)
    }
    try {
      this.onmessage?.(message)
    } catch (error) {
      this.onerror?.(errorOf(error))
    } finally {
      request?.settle()
    }
  }

  #refuse(obligation: number, { message }: Error): void {
    const { machine, pump } = this.#machine()
    pump.step((now) => machine.respond(now, obligation, { code: -32600, message, data: null }))
  }

  async #ask(refusal: Refusal): Promise<void> {
    const { machine, pump } = this.#machine()
    try {
      await this.#authorization?.ask(refusal)
      this.#denial = undefined
    } catch (error) {
      this.#denial = errorOf(error)
    }
    pump.step((now) => machine.authorize(now, this.#denial === undefined))
  }
}

const errorOf = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))

/** The answer that stands for one that cannot be read. */
const unreadable = (answer: Message, { message }: Error): Message => {
  const error = { code: -32700, message }
  return { ...answer, text: JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(answer.answers ?? 'null'), error }) }
}
