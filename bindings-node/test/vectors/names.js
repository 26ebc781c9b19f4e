// Names in vectors: "$key" stands for whatever came where it stood first, and for that value from then on.
import { Mismatch } from './mismatch.js'

const isName = (value) => typeof value === 'string' && value.startsWith('$')

/** What each name stands for. */
export class Names {
  #values = new Map()

  /** The value with each name that is known replaced. */
  fill(value) {
    if (typeof value === 'string') return this.#values.get(value) ?? value
    if (Array.isArray(value)) return value.map((item) => this.fill(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.fill(item)]))
  }

  /** Gives the names that stand in an expectation for the first time the values that came there. */
  bind(expected, actual) {
    if (actual === undefined || actual === null) return
    if (isName(expected)) {
      if (!this.#values.has(expected)) this.#values.set(expected, actual)
    } else if (Array.isArray(expected) && Array.isArray(actual)) {
      for (const [index, item] of expected.entries()) this.bind(item, actual[index])
    } else if (typeof expected === 'object' && expected !== null && typeof actual === 'object') {
      for (const [name, item] of Object.entries(expected)) {
        if (name === 'headers') this.#bindHeaders(item, actual.headers ?? [])
        else this.bind(item, actual[name])
      }
    }
  }

  /** The handle that an input made is the one that it names, or gets that name. */
  checkHandle(expected, made) {
    if (expected === undefined) return
    this.bind(expected, made)
    if (this.fill(expected) !== made) throw new Mismatch(`it got the handle ${made}, not ${this.fill(expected)}`)
  }

  #bindHeaders(expected, actual) {
    for (const [name, value] of expected) this.bind(value, actual.find(([found]) => found === name)?.[1])
  }
}
