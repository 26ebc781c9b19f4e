/** HTTP over `fetch`. */

import type { Header } from '../../machine/outcome.js'
import { type Feed, type Hold, type Http, type HttpRequest, links, Unsent } from './http.js'

/** A function like `fetch`. */
export type Fetch = typeof globalThis.fetch

/** The application's own `fetch`: its limits are in force, such as node's 300 seconds between two pieces of a body. */
export class FetchHttp implements Http {
  readonly #fetch: Fetch

  constructor(fetch: Fetch) {
    this.#fetch = fetch
  }

  /** See `Http`. */
  async carry({ method, url, headers, body }: HttpRequest, feed: Feed, hold: Hold): Promise<void> {
    const controller = new AbortController()
    hold.drop = () => controller.abort()
    const options = { method, headers: checked(headers), body: body === '' ? null : body, signal: controller.signal }
    const response = await this.#send(url, { ...options, redirect: 'manual' })
    if (response.type === 'opaqueredirect') throw new Error('it was redirected, and fetch does not say where to')
    feed.head(response.status, response.headers)
    const reader = response.body?.getReader()
    for (;;) {
      const { done = true, value } = (await reader?.read()) ?? {}
      if (done) return
      feed.chunk(value as Uint8Array)
    }
  }

  /** See `Http`. The connections are the application's. */
  close(): void {}

  async #send(url: string, init: RequestInit): Promise<Response> {
    try {
      const fetch = this.#fetch // called without a `this`, on which browsers insist
      return await fetch(url, init)
    } catch (error) {
      throw isUnsent(error) ? new Unsent(error) : error
    }
  }
}

const checked = (headers: readonly Header[]): Headers => {
  try {
    return new Headers(headers as [string, string][])
  } catch (error) {
    throw new Unsent(error)
  }
}

/** Whether there was no connection. Of other libraries than node's it is not known. */
const isUnsent = (error: unknown): boolean => {
  for (const link of links(error)) {
    if (!(link instanceof Error)) continue
    const { syscall, code } = link as NodeJS.ErrnoException
    if (syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT') return true
  }
  return false
}
