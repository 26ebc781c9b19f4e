// Many clients at once at one server, until it closes.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

import * as fc from 'fast-check'

import * as clients from './clients.js'
import { settled } from './watch.js'

// Longer than each bound that a server has.
const PATIENCE = 20_000

/** The bounds of a server whose clients are so. */
export const timing = {
  take: 200,
  head: 5,
  answer: 300,
  call: 100,
  body: 300,
  keepAlive: 50,
  stall: 300,
  idle: 2_000,
  replay: 1_000,
}

/** What a raid is: how the server is reached, and what each of the clients does, one thing after another. */
export const anyRaid = {
  by: fc.constantFrom('node', 'fetch'),
  deeds: fc.array(fc.array(clients.deed, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
}

/**
 * Raids what has `node`, `fetch`, `inspect` and `close`. Each request that is not left gets one answer, with its id; and
 * when the server is closed, it owes nothing. What was met goes into `seen`.
 */
export const raided = async (host, { by, deeds }, seen, tell) => {
  const server = createServer(host.node)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  const send = (request, how) =>
    by === 'node'
      ? clients.overNode(`http://127.0.0.1:${port}/mcp`, request, how)
      : clients.overFetch(host.fetch, request, how)
  try {
    const { session } = await send(clients.requestOf({ does: 'initialize' }, 0), { leaves: 'never' })
    assert.match(session, /./)
    let id = 1
    const done = deeds.map(async (several) => {
      for (const deed of several) {
        id += 1
        await act(deed, clients.requestOf(deed, id, session), { send, port, seen })
      }
    })
    const all = settled(Promise.all(done), PATIENCE, 'a client')
    await sleep(30)
    tell()
    await sleep(30)
    const closed = settled(host.close(10_000), PATIENCE, 'close')
    for (const { error } of [await all, await closed]) if (error !== undefined) throw error
    const { calls, obligations, exchanges } = host.inspect()
    assert.deepEqual([calls, obligations, exchanges], [[], [], []])
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const act = async (deed, request, { send, port, seen }) => {
  if (deed.does === 'raw') return clients.overSocket(port, deed.text)
  const { value: answer, error } = await settled(send(request, deed), PATIENCE, JSON.stringify(deed))
  if (error !== undefined) throw error
  if (answer === null) return seen.add('left')
  const { status, text } = answer
  if (deed.does !== 'post' || deed.body === 'cut') return undefined
  const answers = clients.messagesOf(text).filter((said) => 'result' in said || 'error' in said)
  // A client that is told to come back would find the rest.
  const comesBack = deed.tool === 'releases' && answers.length === 0 && /^id: /m.test(text)
  if (comesBack) return seen.add('told to come back')
  assert(answers.length === 1, `${JSON.stringify(deed)} got ${status} ${text.slice(0, 200)}`)
  if (status === 200) assert.equal(answers[0].id, request.id)
  return seen.add(`${deed.era} ${'result' in answers[0] ? 'result' : 'error'}`)
}
