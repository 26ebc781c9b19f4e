/** Headers: lists of names and values, and the blocks of text as which they cross to the native half and back. */

import type { Header } from './outcome.js'

/** Headers as they are given: a list of pairs, `Headers` of fetch, a `Map`, or an object. */
export type HeadersGiven =
  Iterable<readonly [string, string]> | Readonly<Record<string, string | readonly string[] | undefined>>

const isIterable = (given: HeadersGiven): given is Iterable<readonly [string, string]> => Symbol.iterator in given

/**
 * One block of `name:value` lines. What breaks a line becomes another character that no header may have, so that the
 * machine refuses it.
 */
export const headerBlock = (given: HeadersGiven | undefined): string => {
  if (given === undefined) return ''
  let block = ''
  const add = (name: string, value: string): void => {
    block += `${name}:${/[\r\n]/.test(value) ? value.replace(/[\r\n]/g, '\0') : value}\n`
  }
  if (isIterable(given)) {
    for (const [name, value] of given) add(name, value)
    return block
  }
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'string') add(name, value)
    else for (const each of value ?? []) add(name, each)
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
