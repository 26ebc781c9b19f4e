/** What the pump needs of an HTTP library, and what is said of its errors. */

import type { HeadersGiven } from '../../machine/headers.js'
import type { Header } from '../../machine/outcome.js'

/** A request to send: everything that goes out, credentials among it. */
export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly Header[]
  /** Empty for none. */
  readonly body: string
}

/** Who is told what comes of one exchange. */
export interface Feed {
  /** The head of the response has come. */
  head(status: number, headers: HeadersGiven): void
  /** More of its body has come. */
  chunk(data: Uint8Array): void
}

/** A hold on an exchange: whoever carries it says at once how it is dropped, wherever it is. */
export interface Hold {
  drop: () => void
}

/**
 * An HTTP library that does nothing of its own accord: no redirects, no retries, no decompression and no timeouts. The
 * machine has them.
 */
export interface Http {
  /**
   * Sends a request, and feeds its response's head and body; resolves at the end of the body. Whatever it rejects with is
   * the exchange's failure: `Unsent` says that certainly not a byte of the request was written.
   */
  carry(request: HttpRequest, feed: Feed, hold: Hold): Promise<void>
  /** The connections must keep the process alive, or need not. */
  keepAwake?(isAwake: boolean): void
  /** Closes the connections, unless they are the application's. */
  close(): void
}

/** Not a byte of the request was written, because of this. */
export class Unsent extends Error {
  constructor(cause: unknown) {
    super('', { cause })
  }
}

/** An error with its chain of causes, in one line. URLs are left out: the story knows them, they may be secret. */
export const chain = (error: unknown): string => {
  const said = new Set<string>()
  for (const link of links(error)) {
    const text = (link instanceof Error ? link.message : String(link)).replace(/\w+:\/\/[^\s'"]+/g, '<url>')
    if (text !== '') said.add(text)
  }
  return said.size === 0 ? 'an error that says nothing' : [...said].join(': ')
}

/** An error and its causes, outermost first; of several at once, such as attempts to connect, each. */
export function* links(error: unknown, seen = new Set<unknown>()): Generator<unknown, void> {
  if (error === undefined || seen.has(error)) return
  seen.add(error)
  yield error
  if (error instanceof AggregateError) for (const each of error.errors) yield* links(each, seen)
  if (error instanceof Error) yield* links(error.cause, seen)
}
