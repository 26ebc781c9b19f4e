/** HTTP requests with their responses, as the engine sees them. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'

import type { Abort, Chunk, End, Head } from '../machine/outputs.js'
import { textOf } from '../values.js'

/** A request of node:http, of frameworks on it, or of node:http2. */
export type NodeRequest = IncomingMessage | Http2ServerRequest
/** Its response. */
export type NodeResponse = ServerResponse | Http2ServerResponse
/** An HTTP request, as the HTTP library gave it. */
export type HttpRequest = Request | NodeRequest

/** What is known of an HTTP request beside itself. */
export interface ServeOptions {
  /** Who asks, as a layer in front has found out; it goes before the `principal` of the server. */
  readonly principal?: string | null
  /**
   * The body, if something in front has read it: text, bytes, or the value that was parsed. Numbers that JavaScript
   * cannot hold exactly are lost by parsing, so a body is better left alone.
   */
  readonly body?: unknown
}

/** A part of a response, or the end of it. */
export type Part = Abort | Chunk | End | Head

/** One HTTP request with its response, in the hands of an HTTP library. */
export interface Exchange {
  /** Its handle, set by `Engine.open`. */
  id: number
  readonly http: HttpRequest
  /** What is to be sent next. */
  put(part: Part): void
}

/** Text as bytes. */
export const encode = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text)

const encoder = new TextEncoder()

/** The bytes of a body, or of a part of one, in whatever form it was given. */
export const bytesOf = (body: unknown): Uint8Array | undefined => {
  if (body instanceof Uint8Array) return body
  const text = typeof body === 'string' ? body : textOf(body)
  return text === undefined ? undefined : encode(text)
}

/** The headers of a response, with the length of its body where that is known. */
export const headersOf = ({ headers }: Head, length?: number): Record<string, string> => {
  const fields: Record<string, string> = Object.fromEntries(headers)
  if (length !== undefined) fields['content-length'] = String(length)
  return fields
}

/** The sentence for a body that is neither in the stream nor given. */
export const READ_BEFORE =
  'the body of a request was read before it came here, so it counts as empty: leave it alone, or give it as `body`'
