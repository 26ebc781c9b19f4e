/** What it costs to cross to the native half and back, in nanoseconds. */

import { Client, Server } from 'mcp-sansio/machine'

import { bodyOf, CALL, VERSIONS } from './wire.js'

const TIMES = 20_000
const ROUNDS = 15
const IDENTITY = { name: 'bench', version: '1', capabilities: { tools: {} } }

const TEXT = JSON.stringify(CALL)
const ANSWER = { 'content-type': 'application/json' }
const HEAD = Array.from({ length: 15 }, (_, index) => [`x-header-${index}`, `a value of some length ${index}`])
const known = {
  version: VERSIONS.modern[1],
  result: '{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}}',
}
const bytes = (text) => Buffer.from(text)

const client = new Client('http://127.0.0.1/mcp', IDENTITY, { known })
const server = new Server(IDENTITY)
const now = () => performance.now()

/** A request that goes out and is answered. */
const callOfClient = () => {
  client.call(now(), 'tools/call', TEXT)
  const [{ exchange, body }] = client.drain().outputs
  const answer = { jsonrpc: '2.0', id: JSON.parse(body).id, result: { resultType: 'complete', content: [] } }
  client.head(now(), exchange, 200, ANSWER)
  client.chunk(now(), exchange, bytes(JSON.stringify(answer)))
  client.end(now(), exchange)
  const [{ result }] = client.drain().outputs
  return result !== undefined
}

const REQUEST = {
  host: '127.0.0.1',
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': VERSIONS.modern[1],
  'mcp-method': 'tools/call',
  'mcp-name': CALL.name,
}
const BODY = bytes(bodyOf('modern'))

/** A request that comes in and is answered. */
const callOfServer = () => {
  const exchange = server.accept(now(), 'POST', REQUEST)
  server.chunk(now(), exchange, BODY)
  server.end(now(), exchange)
  const [{ id }] = server.drain().outputs
  server.take(now(), id)
  server.respond(now(), id, '{"content":[]}')
  const [{ status }] = server.drain().outputs
  return status === 200
}

/** An answer that is never complete, so that each piece of it is only taken in. */
const endless = () => {
  client.call(now(), 'tools/call', TEXT)
  const [{ exchange }] = client.drain().outputs
  client.head(now(), exchange, 200, { 'content-type': 'text/event-stream' })
  return exchange
}
const stream = endless()
const LINE = bytes(': nothing to say, and said often enough to be measured as it is\n\n')

const CROSSINGS = {
  'the clock alone': () => now() > 0,
  'drain, when there is nothing': () => client.drain().outputs.length === 0,
  'chunk of a client, 64 bytes': () => typeof client.chunk(now(), stream, LINE) === 'boolean',
  'head of a client, 15 headers': () => typeof client.head(now(), 0, 200, HEAD) === 'boolean',
  'whole call of a client': callOfClient,
  'whole call of a server': callOfServer,
}

/** The table. */
export const crossings = () => {
  const lines = Object.entries(CROSSINGS).map(
    ([name, cross]) => name.padEnd(40) + best(name, cross).toFixed(0).padStart(12),
  )
  return ['ns for a crossing', ...lines].join('\n')
}

const best = (name, cross) => {
  let least = Infinity
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.hrtime.bigint()
    for (let time = 0; time < TIMES; time += 1) if (!cross()) throw new Error(`${name} is not what it was`)
    least = Math.min(least, Number(process.hrtime.bigint() - before) / TIMES)
  }
  return least
}
