/** Web-standard requests and responses: Hono, Bun, Deno, and whatever else knows `Request` and `Response`. */

import type { Head } from '../machine/outputs.js'
import type { Engine } from './engine.js'
import { bytesOf, encode, type Exchange, headersOf, type ServeOptions, type Part, READ_BEFORE } from './exchange.js'

// The client has gone before there was anything to answer: nobody reads this (nginx's word for it).
const GONE = 499

/** Serves a request, and resolves with its response: at its head, where that is a stream. */
export const serveWeb = (engine: Engine, request: Request, options: ServeOptions): Promise<Response> =>
  new Promise((resolve) => new WebExchange(engine, request, resolve).open(options))

class WebExchange implements Exchange {
  id = 0
  readonly http: Request
  readonly #engine: Engine
  readonly #resolve: (response: Response) => void
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined
  #hasHead = false
  #isInHand = false

  constructor(engine: Engine, request: Request, resolve: (response: Response) => void) {
    this.http = request
    this.#engine = engine
    this.#resolve = resolve
  }

  open(options: ServeOptions): void {
    const { http } = this
    const isRead = http.bodyUsed || http.body?.locked === true
    const body = options.body === undefined && !isRead ? http.body?.getReader() : bytesOf(options.body)
    const headers: [string, string][] = [...http.headers]
    // Adapters put what HTTP/2 has instead of it into the URL only.
    if (!http.headers.has('host')) headers.push(['host', new URL(http.url).host])
    if (!this.#engine.open(this, http.method, headers, options)) {
      return this.#resolve(new Response(null, { status: 500 }))
    }
    if (http.signal.aborted) this.#gone()
    else http.signal.addEventListener('abort', this.#gone, { once: true })
    if (body === undefined || body instanceof Uint8Array) {
      if (body === undefined && isRead) this.#engine.log('warn', READ_BEFORE)
      return this.#feed(body, true)
    }
    return void this.#read(body)
  }

  put(part: Part): void {
    switch (part.type) {
      case 'head':
        this.#begin(part)
        break
      case 'chunk':
        this.#isInHand = true
        this.#stream?.enqueue(encode(part.data))
        break
      case 'end':
        this.#stream?.close()
        this.#over(false)
        break
      case 'abort':
        this.#stream?.error(new Error('the response was cut off: its client took nothing of it for too long'))
        this.#over(true)
    }
  }

  #begin(head: Head): void {
    this.#hasHead = true
    const { status } = head
    if (head.body !== null) {
      const body = encode(head.body)
      const headers = headersOf(head, body.length)
      this.#resolve(new Response(body.length === 0 ? null : body, { status, headers }))
      this.#over(false)
      return
    }
    // Nothing is pulled ahead of its reader. So a pull says that what came before was taken.
    const source = {
      start: (controller: ReadableStreamDefaultController<Uint8Array>) => void (this.#stream = controller),
      pull: () => this.#taken(),
      cancel: () => this.#gone(),
    }
    this.#resolve(new Response(new ReadableStream(source, { highWaterMark: 0 }), { status, headers: headersOf(head) }))
  }

  async #read(body: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    try {
      // After a refusal nobody wants the rest, which is left to the HTTP library.
      while (!this.#hasHead) {
        const { done, value } = await body.read()
        this.#feed(value, done)
        if (done) return
      }
    } catch {
      this.#gone() // in the midst of its body
    }
  }

  #feed(data: Uint8Array | undefined, isLast: boolean): void {
    if (this.#hasHead) return
    const { machine } = this.#engine
    this.#engine.feed((now) => {
      const hasNews = data !== undefined && machine.chunk(now, this.id, data)
      return (isLast && machine.end(now, this.id)) || hasNews
    })
  }

  #taken(): void {
    if (!this.#isInHand) return
    this.#isInHand = false
    this.#engine.feed((now) => this.#engine.machine.written(now, this.id))
  }

  readonly #gone = (): void => this.#over(true)

  #over(isGone: boolean): void {
    this.http.signal.removeEventListener('abort', this.#gone)
    if (!this.#hasHead) this.#resolve(new Response(null, { status: GONE }))
    this.#hasHead = true
    this.#engine.close(this, isGone)
  }
}
