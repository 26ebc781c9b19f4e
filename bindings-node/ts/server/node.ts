/** Requests and responses of node:http and node:http2, and so of Express, Fastify and others. */

import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'

import type { Head } from '../machine/outputs.js'
import type { Engine } from './engine.js'
import {
  bytesOf,
  type Exchange,
  headersOf,
  type ServeOptions,
  type NodeRequest,
  type NodeResponse,
  type Part,
  READ_BEFORE,
} from './exchange.js'

// How long a client that was refused may go on sending, in milliseconds, before its connection is closed. Closing it at
// once could take the refusal from it.
const LINGER = 5000
// HTTP/2's INTERNAL_ERROR.
const CUT_OFF = 2

/** Serves a request: what comes of it goes into its response. */
export const serveNode = (
  engine: Engine,
  request: NodeRequest,
  response: NodeResponse,
  options: ServeOptions,
): void => {
  if (response.headersSent) {
    engine.log(
      'error',
      'a request was not served: something else had begun its response, which is cut off if not ended',
    )
    if (!response.writableEnded) cutOff(response)
    return
  }
  // What is written after a client has left: it is known by then.
  response.on('error', () => undefined)
  new NodeExchange(engine, request, response).open(options)
}

class NodeExchange implements Exchange {
  id = 0
  readonly http: NodeRequest
  readonly #engine: Engine
  readonly #response: ServerResponse
  #hasHead = false
  #isComplete = false

  constructor(engine: Engine, request: NodeRequest, response: NodeResponse) {
    this.http = request
    this.#engine = engine
    this.#response = response as ServerResponse // what of it is used, both have
  }

  open(options: ServeOptions): void {
    const { http } = this
    const body = bytesOf(options.body ?? (http.readableEnded ? (http as { body?: unknown }).body : undefined))
    if (!this.#engine.open(this, http.method ?? '', headersOfRequest(http), options)) {
      this.#response.writeHead(500).end()
      return
    }
    this.#watch()
    if (body !== undefined || http.readableEnded) {
      if (body === undefined && http.method === 'POST') this.#engine.log('warn', READ_BEFORE)
      else if (body !== undefined) this.#chunk(body)
      this.#end()
    } else {
      // What comes after a refusal is read, too, so that the connection can go on; but nobody wants it.
      http.on('data', (data: unknown) => this.#chunk(bytesOf(data) as Uint8Array))
      http.on('end', () => this.#end())
      http.on('error', () => undefined) // the response is closed, too
    }
  }

  put(part: Part): void {
    const response = this.#response
    switch (part.type) {
      case 'head':
        this.#begin(part)
        break
      case 'chunk':
        response.write(part.data, (error) => {
          if (!error) this.#engine.feed((now) => this.#engine.machine.written(now, this.id))
        })
        break
      case 'end':
        this.#isComplete = true
        response.end()
        break
      case 'abort':
        cutOff(response)
    }
  }

  #begin(head: Head): void {
    const response = this.#response
    this.#hasHead = true
    if (head.body === null) {
      response.writeHead(head.status, headersOf(head))
      response.flushHeaders()
      return
    }
    response.writeHead(head.status, headersOf(head, Buffer.byteLength(head.body)))
    this.#isComplete = true
    response.end(head.body)
  }

  #watch(): void {
    const { http } = this
    const response = this.#response
    // One that waits for the response before it on its connection does not learn of its end by itself. There may be many.
    const queuedOn = response.socket === null ? http.socket.setMaxListeners(0) : undefined
    const close = (): void => {
      queuedOn?.off('close', close)
      this.#engine.close(this, !this.#isComplete)
    }
    queuedOn?.once('close', close)
    response.once('close', close)
    response.once('finish', () => {
      if (!http.complete) this.#linger()
    })
    // It has gone already, while something in front was waiting.
    if (isClosed(response)) close()
  }

  #linger(): void {
    const { http } = this
    const timer = setTimeout(() => {
      if (isHttp2(this.#response)) cutOff(this.#response)
      else http.destroy()
    }, LINGER)
    timer.unref()
    http.once('close', () => clearTimeout(timer))
  }

  #chunk(data: Uint8Array): void {
    if (!this.#hasHead) this.#engine.feed((now) => this.#engine.machine.chunk(now, this.id, data))
  }

  #end(): void {
    if (!this.#hasHead) this.#engine.feed((now) => this.#engine.machine.end(now, this.id))
  }
}

/** The fields as they came, duplicates and all; HTTP/2 says in one of its own who is addressed. */
const headersOfRequest = (http: NodeRequest): [string, string][] => {
  const headers: [string, string][] = []
  let authority: string | undefined
  for (let at = 0; at < http.rawHeaders.length; at += 2) {
    const name = http.rawHeaders[at] as string
    const value = http.rawHeaders[at + 1] as string
    if (name === ':authority') authority = value
    else if (!name.startsWith(':')) headers.push([name, value])
  }
  if (authority !== undefined && !('host' in http.headers)) headers.push(['host', authority])
  return headers
}

/** Ends a response so that its client sees that it is not complete. */
const cutOff = (response: ServerResponse | Http2ServerResponse): void => {
  if (isHttp2(response)) response.stream.close(CUT_OFF)
  else response.destroy()
}

const isClosed = (response: ServerResponse | Http2ServerResponse): boolean =>
  isHttp2(response) ? response.stream.destroyed : response.destroyed

const isHttp2 = (response: ServerResponse | Http2ServerResponse): response is Http2ServerResponse =>
  'stream' in response
