/** The application's headers and credentials, which never enter the machine. */

import { validateHeaderName, validateHeaderValue } from 'node:http'

import { ConfigError } from '../machine/errors.js'
import { headerBlock, type HeadersGiven, parseHeaders } from '../machine/headers.js'
import type { Header } from '../machine/outcome.js'
import type { Open } from '../machine/outputs.js'
import { type HttpRequest, Unsent } from './http/http.js'

/** Gives the value of the `authorization` header, if there is one. */
export type Credentials = () => string | undefined

/**
 * Makes requests of what the machine opens, with the application's headers and credentials. Where the machine has set a
 * header of the same name, the machine's stays.
 */
export class Dresser {
  readonly #url: string
  readonly #headers: readonly Header[]
  readonly #credentials: Credentials | undefined

  /** @throws {ConfigError} if a header cannot go out. */
  constructor(url: string, headers: HeadersGiven = {}, credentials?: Credentials) {
    // Nobody asks for a compressed body, and nobody unpacks one.
    const ours = credentials === undefined ? ['accept-encoding'] : ['accept-encoding', 'authorization']
    const theirs = parseHeaders(headerBlock(headers).slice(0, -1)).map(sound)
    this.#url = url
    this.#headers = [...theirs.filter(([name]) => !ours.includes(name)), ['accept-encoding', 'identity']]
    this.#credentials = credentials
  }

  /**
   * The request to send.
   *
   * @throws {Unsent} if the application's credentials cannot be had.
   */
  request({ method, url, headers, body }: Open): HttpRequest {
    const has = (name: string): boolean => headers.some((header) => header[0] === name)
    const dressed = [...headers, ...this.#headers.filter(([name]) => !has(name))]
    if (this.#credentials !== undefined && !has('authorization')) dressed.push(...authorization(this.#credentials))
    return { method, url: url ?? this.#url, headers: dressed, body }
  }
}

/** A header whose value may be a secret: it is in no error. */
const sound = ([given, value]: Header): Header => {
  const name = given.toLowerCase()
  try {
    validateHeaderName(name)
  } catch {
    throw new ConfigError(`headers: ${JSON.stringify(given)} cannot be the name of a header`)
  }
  try {
    validateHeaderValue(name, value)
  } catch {
    throw new ConfigError(`headers: the value of ${name} has characters that none may have`)
  }
  return [name, value]
}

const authorization = (credentials: Credentials): Header[] => {
  let value: unknown
  try {
    value = credentials()
  } catch (error) {
    // Only the kind of error: its text may be the secret.
    const kind = error instanceof Error ? error.name : typeof error
    throw new Unsent(new Error(`the application's authorizer failed when it was asked for credentials: ${kind}`))
  }
  if (value === undefined) return []
  try {
    if (typeof value !== 'string') throw new TypeError()
    validateHeaderValue('authorization', value)
  } catch {
    throw new Unsent(new Error("the application's authorizer gave credentials that no header may hold"))
  }
  return [['authorization', value]]
}
