/** The transport under one server of the SDK's: for one session, or for one request that is of none. */

import { Turns } from '../turns.js'

/** What a message is handed over with: the request of the client that is taken with it, if it is one. */
export interface Letter<SdkMessage, Extra> {
  readonly message: SdkMessage
  readonly extra: Extra
  readonly obligation: number | null
}

/** Where a channel leads to. */
export interface Line {
  /** Says that the SDK begins with a request; `false`: nobody waits for it any more. */
  take(obligation: number): boolean
  /** Sends a message to the channel's client, because of a request (`via`) or of itself. */
  post(text: string, via: number | undefined): void
  /** The SDK has answered a request. */
  answered(obligation: number): void
  /** Takes what the application throws where nobody else takes it. */
  report(error: unknown): void
  /** The SDK has closed the channel: it does no more. */
  hungUp(): void
}

/** What the SDK says beside a message. */
export interface SendOptions {
  /** The request of the client that it belongs to: the SDK knows it by our handle. */
  readonly relatedRequestId?: string | number | undefined
}

/** A transport as the SDK's servers want it. What comes before the server is connected waits for it. */
export class Channel<SdkMessage extends object, Extra> {
  /** Set by the SDK. */
  onclose?: (() => void) | undefined
  /** Set by the SDK. */
  onerror?: ((error: Error) => void) | undefined
  /** Set by the SDK. */
  onmessage?: ((message: SdkMessage, extra?: Extra) => void) | undefined
  /** The id of the session, as clients know it; none for a request that is of none. */
  readonly sessionId?: string
  protected readonly line: Line
  readonly #turns = new Turns()
  #waiting: Letter<SdkMessage, Extra>[] | undefined = []
  #isClosed = false

  constructor(line: Line, sessionId?: string) {
    this.line = line
    if (sessionId !== undefined) this.sessionId = sessionId
  }

  /** Whether it is over. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Hands a message to the SDK, when that is ready. */
  put(letter: Letter<SdkMessage, Extra>): void {
    if (this.#waiting === undefined) this.#turns.add(() => this.#hand(letter))
    else this.#waiting.push(letter)
  }

  /** Called by the SDK when it is ready. */
  start(): Promise<void> {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const letter of waiting) this.put(letter)
    if (this.#isClosed) setImmediate(() => this.#tellClosed()) // its client has gone before it was ready
    return Promise.resolve()
  }

  /** Called by the SDK. It waits for nothing: the machine has its own limits. */
  send(message: SdkMessage, { relatedRequestId }: SendOptions = {}): Promise<void> {
    this.post(message, relatedRequestId === undefined ? undefined : Number(relatedRequestId))
    return Promise.resolve()
  }

  /** Its server is made. */
  isMade(): void {}

  /** Its server is connected, and has what was waiting. */
  isServed(): void {}

  /** Called by the SDK. */
  close(): Promise<void> {
    if (!this.#isClosed) {
      this.end()
      this.line.hungUp()
    }
    return Promise.resolve()
  }

  /** Nothing more comes: the server of the SDK ends, too. */
  end(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#tellClosed()
  }

  /** Sends a message, unless it is over. */
  protected post(message: SdkMessage, via: number | undefined): void {
    if (this.#isClosed) return
    if (!('method' in message) && 'id' in message) this.line.answered(message.id as number)
    this.line.post(JSON.stringify(message), via)
  }

  #hand({ message, extra, obligation }: Letter<SdkMessage, Extra>): void {
    if (this.#isClosed || (obligation !== null && !this.line.take(obligation))) return
    try {
      this.onmessage?.(message, extra)
    } catch (error) {
      this.line.report(error)
    }
  }

  #tellClosed(): void {
    try {
      this.onclose?.()
    } catch (error) {
      this.line.report(error)
    }
  }
}

/** The channel of a request that is of no session; its server is there for it alone, and ends with it. */
export class RequestChannel<SdkMessage extends object, Extra> extends Channel<SdkMessage, Extra> {
  readonly #request: number | null

  constructor(line: Line, request: number | null) {
    super(line)
    this.#request = request
  }

  override send(message: SdkMessage): Promise<void> {
    const isAnswer = !('method' in message)
    if (!isAnswer && 'id' in message) {
      const sentence = 'there is no session, so the client cannot be asked: its answer would not find its way back'
      return Promise.reject(new Error(sentence))
    }
    if (this.#request !== null) this.post(message, this.#request)
    if (isAnswer) this.#endSoon()
    return Promise.resolve()
  }

  /** The SDK may have read the message before, to see which server it needs. */
  override isMade(): void {
    if (this.#request !== null) this.line.take(this.#request)
  }

  override isServed(): void {
    if (this.#request === null) this.#endSoon()
  }

  /** Not before the SDK has done with the message. */
  #endSoon(): void {
    setImmediate(() => this.end())
  }
}
