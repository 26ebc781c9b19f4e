/** What the SDK does about refused credentials, done by the SDK. */

import { STATUS_CODES } from 'node:http'

import type { Refusal } from '../../machine/outcome.js'
import type { FetchLike } from './options.js'

/** The SDK's own transport, as far as it is needed here. */
export interface Actor {
  send(message: { jsonrpc: '2.0'; method: string }): Promise<void>
}

const MESSAGE = { jsonrpc: '2.0', method: 'notifications/rehearsal' } as const
const BODY = JSON.stringify(MESSAGE)

/**
 * Replays a refusal to the SDK's own transport, in front of nobody: its message goes nowhere, and is refused as ours was.
 * What it does then is what it always does: it discovers, registers, refreshes, asks for more scope, sends the user to
 * log in. If it sends its message again it has new credentials, and we go on, too; if it throws, so do our calls.
 */
export class Rehearsal<Transport extends Actor> {
  /** The transport that acts; it has learned where to finish what it began. */
  readonly actor: Transport
  readonly #fetch: FetchLike
  #refusals: Refusal[] = []

  /** `make` makes the transport with the fetch that it gets; `fetch` is what carries its other requests. */
  constructor(make: (fetch: FetchLike) => Transport, fetch: FetchLike = globalThis.fetch) {
    this.#fetch = fetch
    this.actor = make((url, init) => this.#answer(url, init))
  }

  /** Resolves when there are new credentials; rejects with what the SDK throws if there will be none. */
  async play(refusal: Refusal): Promise<void> {
    this.#refusals.push(refusal)
    await this.actor.send(MESSAGE)
  }

  async #answer(url: string | URL, init?: RequestInit): Promise<Response> {
    if (init?.body !== BODY) return this.#fetch(url, init)
    const refusal = this.#refusals.shift()
    if (refusal === undefined) return new Response(null, { status: 202 })
    const { status, headers, body } = refusal
    const statusText = STATUS_CODES[status] ?? ''
    return new Response(Buffer.from(body, 'latin1'), { status, statusText, headers: headers as [string, string][] })
  }
}
