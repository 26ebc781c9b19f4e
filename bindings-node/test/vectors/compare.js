// Whether an output is the expected one.
import { isDeepStrictEqual } from 'node:util'

import { Mismatch } from './mismatch.js'

// Members whose objects are compared by the members that the expectation names; all other values are equal, whole.
const open = new Set(['change', 'ended', 'error', 'failure', 'lost', 'refusal'])

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Compares by the members that the expectation names. */
export const check = (expected, actual) => {
  if (!isObject(expected) || !isObject(actual)) {
    equal('the value', expected, actual)
    return
  }
  for (const [name, wanted] of Object.entries(expected)) {
    const found = actual[name]
    if (name === 'headers') headers(wanted, found)
    else if (name === 'events') events(wanted, found)
    else if (open.has(name)) check(wanted, found)
    else equal(name, wanted, found)
  }
}

/** Whether two JSON values are equal; `<any>` stands for one that is there. */
export const same = (expected, actual) => {
  if (expected === '<any>') return actual !== undefined && actual !== null
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return expected.length === actual.length && expected.every((value, index) => same(value, actual[index]))
  }
  if (isObject(expected) && isObject(actual)) {
    const names = Object.keys(expected)
    return (
      names.length === Object.keys(actual).length &&
      names.every((name) => name in actual && same(expected[name], actual[name]))
    )
  }
  return isDeepStrictEqual(expected, actual)
}

const equal = (what, expected, actual) => {
  // What is not there and what is null are one, but in payloads, which are compared whole.
  if (!same(expected, actual) && !(expected === null && actual === undefined)) {
    throw new Mismatch(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
  }
}

// Each header listed is there as often as it is listed, with those values; one with null is not there.
const headers = (expected, actual) => {
  const found = byName(actual ?? [])
  for (const [name, values] of byName(expected)) {
    equal(
      `header ${name}`,
      values.filter((value) => value !== null),
      found.get(name) ?? [],
    )
  }
}

const byName = (list) => {
  const values = new Map()
  for (const [name, value] of list) values.set(name, [...(values.get(name) ?? []), value])
  return values
}

const events = (expected, actual) => {
  if (!Array.isArray(actual) || actual.length !== expected.length) {
    throw new Mismatch(`events are ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
  }
  for (const [index, wanted] of expected.entries()) check(wanted, actual[index])
}
