/** How the SDK serves a request that is of no session. */

import type { JSONRPCMessage, McpServerFactory, MessageExtraInfo, ProtocolEra } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'

import type { Channel } from '../server/channel.js'

/** A server of the SDK: an `McpServer`, or a `Server`. */
export type Product = Awaited<ReturnType<McpServerFactory>>

/** What there is to serve. */
export interface Job {
  readonly message: JSONRPCMessage
  readonly extra: MessageExtraInfo
  readonly make: (era: ProtocolEra) => Promise<Product>
  readonly report: (error: unknown) => void
}

interface Subscription {
  readonly product: Product
  readonly close: () => Promise<void>
}

/** The subscriptions that are open, each in the hands of a server of its own. */
export class Subscriptions {
  readonly #most: number
  readonly #open = new Map<OurChannel, Subscription>()

  constructor(most: number) {
    this.#most = most
  }

  /** Whether there may be one more. */
  get hasRoom(): boolean {
    return this.#open.size < this.#most
  }

  /** Adds one, until its channel closes. */
  add(channel: OurChannel, subscription: Subscription): void {
    if (channel.isClosed) return
    const closed = channel.onclose
    this.#open.set(channel, subscription)
    channel.onclose = () => {
      this.#open.delete(channel)
      closed?.()
    }
  }

  /** Sends a notification to those that ask for it. */
  tell(notification: { method: string; params?: object | undefined }): void {
    for (const { product } of this.#open.values()) {
      const server = 'server' in product ? product.server : product
      // Where it is no capability of the server's, nobody has subscribed to it.
      server.notification(notification as Parameters<typeof server.notification>[0]).catch(() => undefined)
    }
  }

  /** Ends each with its result. */
  end(): void {
    for (const { close } of this.#open.values()) void close()
  }
}

type OurChannel = Channel<JSONRPCMessage, MessageExtraInfo>

/**
 * Serves the request as the SDK serves a connection of which it knows nothing yet: from the first message it sees the
 * era, and it has subscriptions there. Resolves when the server that `make` made is connected.
 */
export const serveRequest = (
  channel: OurChannel,
  { message, extra, make, report }: Job,
  subscriptions: Subscriptions,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const factory: McpServerFactory = async ({ era }) => {
      const product = await make(era).catch((error: Error) => {
        reject(error)
        throw error
      })
      channel.isMade()
      const connect = product.connect.bind(product)
      product.connect = async (connection) => {
        await connect(connection)
        // The connection hands messages on without what came beside them.
        const hear = connection.onmessage
        connection.onmessage = (each, classified) => hear?.(each, { ...extra, ...classified })
        const isSubscription = 'method' in message && message.method === 'subscriptions/listen'
        if (isSubscription) subscriptions.add(channel, { product, close: () => handle.close() })
        resolve()
      }
      return product
    }
    const maxSubscriptions = subscriptions.hasRoom ? 1 : 0
    const handle = serveStdio(factory, { transport: channel, onerror: report, maxSubscriptions })
  })
