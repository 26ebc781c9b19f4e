/** HTTP over `node:http` and `node:https`. */

import * as http from 'node:http'
import * as https from 'node:https'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { urlToHttpOptions } from 'node:url'

import type { Header } from '../../machine/outcome.js'
import { type Feed, type Hold, type Http, type HttpRequest, Unsent } from './http.js'

/** An agent of the application: its connections, certificates, proxies and limits are used as they are. */
export type Agent = http.Agent | https.Agent

/**
 * As many connections as there are exchanges: one that waits for another's end could wait for ever. The timeout ends
 * connections that nobody uses, and earlier if the server has said that it will; for those in use it means nothing. Of
 * several addresses each but the last has the other time to connect: node's 250 ms are less than some networks need.
 */
const OURS = { keepAlive: true, timeout: 60_000, autoSelectFamilyAttemptTimeout: 1_000 }

/**
 * After so many milliseconds without an exchange the process may have been busy, and kept connections have ended that
 * node does not know of yet. A request on one of them is lost, and nobody knows whether it was run.
 */
const IDLE = 500

/** Connections that are kept: by the application's own agent, or by one for this client alone. */
export class NodeHttp implements Http {
  readonly #given: Agent | undefined
  readonly #ours: { http?: http.Agent; https?: https.Agent } = {}
  readonly #open = new Set<http.ClientRequest>()
  #last: { url: string; target: http.RequestOptions } = { url: '', target: {} }
  #isAwake = false
  #usedAt = performance.now()

  constructor(agent?: Agent) {
    this.#given = agent
  }

  /** See `Http`. */
  async carry(request: HttpRequest, feed: Feed, hold: Hold): Promise<void> {
    if (performance.now() - this.#usedAt > IDLE) {
      const seen = { isDropped: false }
      hold.drop = () => {
        seen.isDropped = true
      }
      await news()
      if (seen.isDropped) return
    }
    this.#usedAt = performance.now()
    await this.#send(request, feed, hold)
    this.#usedAt = performance.now()
  }

  /** See `Http`. */
  keepAwake(isAwake: boolean): void {
    this.#isAwake = isAwake
    for (const { socket } of this.#open) if (socket !== null) this.#wake(socket)
  }

  /** See `Http`. */
  close(): void {
    this.#ours.http?.destroy()
    this.#ours.https?.destroy()
  }

  #send(request: HttpRequest, feed: Feed, hold: Hold): Promise<void> {
    return new Promise((resolve, reject) => {
      const outgoing = this.#request(request)
      hold.drop = () => outgoing.destroy()
      let isSent = false
      let isOver = false
      const fail = (error: Error): void => reject(isSent ? error : new Unsent(error))
      this.#open.add(outgoing)
      outgoing.on('socket', (socket) => {
        this.#wake(socket)
        // A connection of the pool is written to at once, also if the server has closed it in the meantime.
        if (!socket.connecting) isSent = true
        else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => (isSent = true))
      })
      outgoing.on('error', fail)
      outgoing.on('close', () => {
        this.#open.delete(outgoing)
        if (!isOver) fail(new Error('the connection was closed before there was a response'))
      })
      outgoing.on('response', (response) => {
        feed.head(response.statusCode ?? 0, pairs(response.rawHeaders))
        response.on('data', (data: Buffer) => feed.chunk(data))
        response.on('end', () => {
          isOver = true
          resolve()
        })
        response.on('error', (cause) => reject(new Error('the connection was closed within the response', { cause })))
      })
      outgoing.end(request.body === '' ? undefined : request.body)
    })
  }

  #request({ method, url, headers }: HttpRequest): http.ClientRequest {
    try {
      const options = { ...this.#target(url), method, headers: grouped(headers) }
      if (options.protocol === 'https:') {
        return https.request({ ...options, agent: this.#given ?? (this.#ours.https ??= new https.Agent(OURS)) })
      }
      return http.request({ ...options, agent: this.#given ?? (this.#ours.http ??= new http.Agent(OURS)) })
    } catch (error) {
      throw new Unsent(error) // what cannot go out, such as a header with a line break in it
    }
  }

  /** Where this URL leads: nearly always the same, and to parse it takes as long as much of the rest. */
  #target(url: string): http.RequestOptions {
    if (this.#last.url !== url) this.#last = { url, target: urlToHttpOptions(new URL(url)) }
    return this.#last.target
  }

  #wake(socket: Socket): void {
    if (this.#isAwake) socket.ref()
    else socket.unref()
  }
}

/** Resolves when node knows what the network has said by now: its loop is in the midst of a turn, and takes another. */
const news = async (): Promise<void> => {
  await nextTurn()
  await nextTurn()
}

/** Headers as node takes them, of one name together. */
const grouped = (headers: readonly Header[]): Record<string, string | string[]> => {
  const groups: Record<string, string | string[]> = {}
  for (const [name, value] of headers) {
    const before = groups[name]
    groups[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value]
  }
  return groups
}

/** Headers as node gives them, name and value in turns. */
const pairs = (raw: readonly string[]): Header[] => {
  const headers: Header[] = []
  for (let at = 1; at < raw.length; at += 2) headers.push([raw[at - 1] as string, raw[at] as string])
  return headers
}
