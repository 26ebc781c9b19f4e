/** How the client transports carry requests: over the application's fetch or node:http, with its credentials. */

import { FetchHttp } from '../../client/http/fetch.js'
import { type Feed, type Hold, type Http, type HttpRequest, Unsent } from '../../client/http/http.js'
import { NodeHttp } from '../../client/http/node.js'
import type { OwnOptions, SdkOptions } from './options.js'

/** Gives the token that goes out with a request, if there is one. */
export type TokenSource = () => Promise<string | undefined>

/** Chooses what carries: fetch, if the application has its own or wants something of it; else node:http. */
export const chooseHttp = ({ fetch, requestInit, agent }: OwnOptions & SdkOptions): Http => {
  const { headers: _headers, ...wishes } = requestInit ?? {}
  if (fetch === undefined && Object.keys(wishes).length === 0) return new NodeHttp(agent)
  const carry = fetch ?? globalThis.fetch
  return new FetchHttp((url, init) => carry(url as string | URL, { ...wishes, ...init }))
}

/** Adds what the SDK's transports do around a request. */
export class SdkHttp implements Http {
  /** Whether the server is told that its session is over. */
  saysGoodbye = false
  readonly #http: Http
  readonly #token: TokenSource | undefined

  constructor(http: Http, token: TokenSource | undefined) {
    this.#http = http
    this.#token = token
  }

  /** See `Http`. */
  async carry(request: HttpRequest, feed: Feed, hold: Hold): Promise<void> {
    if (request.method === 'DELETE' && !this.saysGoodbye) feed.head(204, [])
    else if (this.#token === undefined) await this.#http.carry(request, feed, hold)
    else await this.#carryWithToken(request, feed, hold, this.#token)
  }

  /** See `Http`. */
  keepAwake(isAwake: boolean): void {
    this.#http.keepAwake?.(isAwake)
  }

  /** See `Http`. */
  close(): void {
    this.#http.close()
  }

  async #carryWithToken(request: HttpRequest, feed: Feed, hold: Hold, source: TokenSource): Promise<void> {
    const controller = new AbortController()
    hold.drop = () => controller.abort()
    const dressed = await withToken(request, source)
    if (!controller.signal.aborted) await this.#http.carry(dressed, feed, hold)
  }
}

const withToken = async (request: HttpRequest, source: TokenSource): Promise<HttpRequest> => {
  let token: string | undefined
  try {
    token = await source()
  } catch (error) {
    throw new Unsent(new Error('the authProvider gave no token', { cause: error }))
  }
  if (token === undefined) return request
  const others = request.headers.filter(([name]) => name !== 'authorization')
  return { ...request, headers: [...others, ['authorization', `Bearer ${token}`]] }
}
