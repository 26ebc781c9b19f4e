/** Headers: lists of names and values, and the blocks of text as which they cross to the native half and back. */

import { wordFor } from './given.js'
import type { Header } from './outcome.js'

/** Headers as they are given: a list of pairs, `Headers` of fetch, a `Map`, or an object. */
export type HeadersGiven =
  Iterable<readonly [string, string]> | Readonly<Record<string, string | readonly string[] | undefined>>

/** What breaks a line becomes another character that no header may have, so that the machine refuses it. */
const breaksName = /[:\r\n]/g
const breaksValue = /[\r\n]/g

const isIterable = (given: HeadersGiven): given is Iterable<readonly [string, string]> => Symbol.iterator in given

function* pairsOf(given: Iterable<unknown>): Generator<readonly unknown[], void> {
  for (const pair of given) {
    if (!Array.isArray(pair)) throw new TypeError('headers: each of a list is a pair, [name, value]')
    yield pair as unknown[]
  }
}

function* membersOf(given: object): Generator<readonly [string, unknown], void> {
  for (const [name, value] of Object.entries(given) as [string, unknown][]) {
    if (!Array.isArray(value)) {
      if (value !== undefined) yield [name, value]
    } else for (const each of value as unknown[]) yield [name, each]
  }
}

/** One block of `name:value` lines. */
export const headerBlock = (given: HeadersGiven | undefined): string => {
  if (given === undefined) return ''
  if (wordFor(given) !== 'object') {
    throw new TypeError(`headers: they are pairs of texts, or an object, not ${wordFor(given)}`)
  }
  let block = ''
  for (const [name, value] of isIterable(given) ? pairsOf(given) : membersOf(given)) {
    if (typeof name !== 'string' || typeof value !== 'string') {
      throw new TypeError(`headers: the value of ${String(name)} is no text, but ${wordFor(value)}`)
    }
    block += `${name.replace(breaksName, '\0')}:${value.replace(breaksValue, '\0')}\n`
  }
  return block
}

/** The headers of a block. */
export const parseHeaders = (block: string): Header[] => {
  if (block === '') return []
  return block.split('\n').map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1)]
  })
}
