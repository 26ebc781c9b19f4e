// Properties, and how long they are looked at.
import assert from 'node:assert/strict'

import * as fc from 'fast-check'

// The same runs each time; `SEED=7 RUNS=5000 node --test test/promises.test.js` looks elsewhere, and further.
const seed = Number(process.env.SEED ?? 8)
const atLeast = Number(process.env.RUNS ?? 0)

/** Asserts a property in so many runs; what breaks it is told with the seed and the smallest steps that do. */
export const holds = (t, numRuns, property) => {
  const runs = Math.max(numRuns, atLeast)
  t.diagnostic(`seed ${seed}, ${runs} runs`)
  return fc.assert(property, { seed, numRuns: runs, includeErrorInReport: true })
}

/** Sequences of steps, of these kinds: each is the name of a world's method, and what it is called with. */
export const steps = (kinds, maxLength = 60) => {
  const each = Object.entries(kinds).map(([name, given]) => fc.tuple(fc.constant(name), ...given))
  return fc.array(fc.oneof(...each), { maxLength, size: 'max' })
}

/** Takes the steps in a world, which looks at its promises after each, and ends it. */
export const play = (world, taken) => {
  world.keepsItsPromises()
  for (const [name, ...given] of taken) {
    world[name](...given)
    world.keepsItsPromises()
  }
  world.finish()
}

/** What did not happen in any run was not looked at. */
export const met = (seen, words) => {
  const missing = words.split(', ').filter((word) => !seen.has(word))
  assert.deepEqual(missing, [], 'this never happened')
}
