/**
 * A client that makes calls, and tells what they took: `node clients.js NAME ERA URL CALLS AT-ONCE`.
 *
 * It prints the CPU time of the process for a call, in microseconds.
 */

import { CLIENTS } from './kinds.js'
import { usage } from './usage.js'
import { CALL } from './wire.js'

const [name, era, url, calls, atOnce] = process.argv.slice(2)
const call = await CLIENTS[name](era, url)

/** Makes so many calls, at most so many at once. */
const make = (many) =>
  Promise.all(
    Array.from({ length: Number(atOnce) }, async () => {
      for (let left = many / Number(atOnce); left > 0; left -= 1) await call()
    }),
  )

const answer = await call()
const { content } = answer.result ?? answer
if (content[0].text !== CALL.arguments.text) throw new Error(`the answer is ${JSON.stringify(answer)}`)
await make(Number(calls)) // until the code is compiled
const before = usage().cpu
await make(Number(calls))
console.log((usage().cpu - before) / Number(calls))
process.exit()
