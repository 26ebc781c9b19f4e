// What peers say, for the machines under test.
import * as fc from 'fast-check'

export const json = ['content-type', 'application/json']
export const sse = ['content-type', 'text/event-stream']
export const initialized = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  serverInfo: { name: 's', version: '1' },
}
export const discovered = { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: {} }

/** Handles that there may be, and some that there cannot be. */
export const handle = fc.integer({ min: -1, max: 60 })
/** Milliseconds: about each bound there is. */
export const wait = fc.constantFrom(0, 1, 300, 5_000, 31_000, 121_000, 2_000_000)
/** One of those that there are. */
export const which = fc.nat(100)

/** One of the items, whatever the number; the number itself if there are none. */
export const pick = (items, number) => (items.length > 0 ? items[number % items.length] : number)

/** A JSON-RPC message that has an id. */
export const message = (id, members) => JSON.stringify({ jsonrpc: '2.0', id, ...members })

/** A JSON-RPC notification. */
export const notification = (method, params) =>
  JSON.stringify({ jsonrpc: '2.0', method: `notifications/${method}`, params })

/** The numbers, in order: to compare what is there with what should be. */
export const sorted = (numbers) => [...numbers].sort((a, b) => a - b)

/** Feeds a machine. What says that nothing changed must be right. */
export const fed = (machine, feed, room) => {
  const before = machine.deadline()
  if (feed()) return
  const { outputs, deadline } = machine.drain(room)
  if (outputs.length > 0 || deadline !== before) {
    throw new Error(`it said that there was nothing to drain, and there was: ${JSON.stringify(outputs)}`)
  }
}
