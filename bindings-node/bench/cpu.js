/** The CPU time of a call, in microseconds. */

import { printed, withPeer, withServer } from './programs.js'
import { Load } from './raw.js'

/** Calls of a measurement: one by one, and with so many at once. As many come first, until the code is compiled. */
const CALLS = { 1: 5_000, 64: 6_400 }

/** Measures a row of the table once. */
export const measure = (row, serve) => (row.side === 'client' ? ofClient(row, serve) : ofServer(row))

const ofClient = ({ era, name, atOnce }, serve) =>
  withPeer(serve, (url) => printed('clients.js', name, era, url, CALLS[atOnce], atOnce))

const ofServer = ({ era, name, atOnce }) =>
  withServer([name, era], async (url, ask) => {
    const load = await Load.open(url, era, atOnce)
    await load.make(CALLS[atOnce])
    const before = await ask()
    await load.make(CALLS[atOnce])
    const after = await ask()
    load.close()
    return (after.cpu - before.cpu) / CALLS[atOnce]
  })
