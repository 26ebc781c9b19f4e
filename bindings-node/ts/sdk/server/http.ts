/** What the SDK's handlers are told of the HTTP request that a message came with. */

import type { HttpRequest } from '../../server/exchange.js'

/** The URL that was asked for. */
export const urlOf = (http: HttpRequest): URL => {
  if (http instanceof Request) return new URL(http.url)
  const { host = 'localhost', ':authority': authority = host } = http.headers
  const path = 'originalUrl' in http ? http.originalUrl : http.url
  return new URL(String(path), `${'encrypted' in http.socket ? 'https' : 'http'}://${String(authority)}`)
}

/** The headers of a request, joined as the HTTP library joins them. */
export const headersOf = (http: HttpRequest): Record<string, string | string[] | undefined> =>
  http instanceof Request ? Object.fromEntries(http.headers) : http.headers

/** The request as the web has it, without its body, which is read. */
export const webRequestOf = (http: HttpRequest): Request => {
  if (http instanceof Request) return http
  const headers = new Headers()
  for (const [name, value] of Object.entries(http.headers)) {
    if (!name.startsWith(':')) for (const each of [value ?? []].flat()) headers.append(name, each)
  }
  return new Request(urlOf(http), { method: http.method ?? 'POST', headers })
}
