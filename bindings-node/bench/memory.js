/** The memory that idle clients and sessions take, in KiB each: that of JavaScript, and all that is resident. */

import { printed, withPeer, withServer } from './programs.js'
import { headersOf } from './wire.js'

const MANY = 300
const ERAS = ['modern', 'legacy']
const NAMES = ['ours', 'official', 'official on ours']

/** The table. */
export const memory = async (serve) => {
  const lines = [`${'KiB for an idle one'.padEnd(40)}${'heap'.padStart(12)}${'resident'.padStart(12)}`]
  const add = (name, { heap, resident }) =>
    lines.push(name.padEnd(40) + heap.toFixed(0).padStart(12) + resident.toFixed(0).padStart(12))
  for (const era of ERAS) for (const name of NAMES) add(`client, ${era}: ${name}`, await ofClient(name, era, serve))
  for (const name of NAMES) add(`session: ${name}`, await ofSession(name))
  return lines.join('\n')
}

const ofClient = (name, era, serve) => withPeer(serve, (url) => printed('idle.js', name, era, url, MANY))

/** Sessions that a client began, and left. */
const ofSession = (name) =>
  withServer([name, 'legacy'], async (url, ask) => {
    const begin = async (many) => {
      for (let left = many; left > 0; left -= 1) await headersOf('legacy', url)
    }
    await begin(20) // until all is loaded
    const before = await ask()
    await begin(MANY)
    const after = await ask()
    return { heap: (after.heap - before.heap) / MANY, resident: (after.resident - before.resident) / MANY }
  })
