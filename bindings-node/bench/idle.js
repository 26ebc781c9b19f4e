/**
 * Clients that have made a call and wait for the next: `node --expose-gc idle.js NAME ERA URL MANY`. It prints the memory
 * that each takes.
 */

import { CLIENTS } from './kinds.js'
import { usage } from './usage.js'

const [name, era, url, many] = process.argv.slice(2)
const connected = []
/** So many clients more. */
const connect = async (more) => {
  for (let left = more; left > 0; left -= 1) {
    const call = await CLIENTS[name](era, url)
    await call()
    connected.push(call)
  }
}

await connect(20) // until all is loaded
const before = usage()
await connect(Number(many))
const after = usage()
console.log(
  JSON.stringify({ heap: (after.heap - before.heap) / many, resident: (after.resident - before.resident) / many }),
)
process.exit()
