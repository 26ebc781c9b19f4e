// What a client makes of a server's stream: the same, however its bytes are cut; and never a storm.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'
import { Client } from 'mcp-sansio'

import { versions } from './promises/endpoint.js'
import { holds } from './promises/holds.js'
import { initialized, json, message, notification, sse } from './promises/peers.js'

const url = 'http://localhost/mcp'
const identity = { name: 'streams', version: '1' }
const opensOf = ({ outputs }) => outputs.filter(({ type }) => type === 'open')

const answer = (machine, now, { exchange, body }, result) => {
  if (body.includes('"id"')) {
    machine.head(now, exchange, 200, [json, ['mcp-session-id', `session-${exchange}`]])
    machine.chunk(now, exchange, Buffer.from(message(JSON.parse(body).id, { result })))
  } else {
    machine.head(now, exchange, 202, [])
  }
  machine.end(now, exchange)
}

const connected = () => {
  const settings = { versions: versions.legacy, standalone: false }
  const machine = new Client(url, identity, settings, { seed: new Uint8Array(32) })
  machine.connect(0)
  for (let round = 0; round < 2; round += 1) {
    for (const open of opensOf(machine.drain())) answer(machine, 0, open, initialized)
  }
  return machine
}

const calling = (options) => {
  const machine = connected()
  machine.call(0, 'tools/call', '{"name":"a"}', options)
  const [{ exchange, body }] = opensOf(machine.drain())
  machine.head(0, exchange, 200, [sse])
  return { machine, exchange, request: JSON.parse(body) }
}

// Characters of one byte to four.
const words = (n) => `${n} ä€𝄞`

const streamOf = ({ id, params }, events, end) => {
  const said = events.map((event, n) => {
    const lines = {
      log: `data: ${notification('message', { level: 'info', data: words(n) })}`,
      progress: `data:${notification('progress', { progressToken: params._meta.progressToken, progress: n })}`,
      ask: `data: ${message(n, { method: 'roots/list' })}`,
      comment: ': alive',
      cursor: `id: ${n}${end.slice(0, end.length / 2)}data:`,
      garbage: 'data: nothing',
    }
    return lines[event] + end
  })
  return `${said.join('')}data: ${message(id, { result: { content: [words(0)] } })}${end}`
}

test('any way of cutting a body gives the same', (t) => {
  const event = fc.constantFrom('log', 'comment', 'ask', 'progress', 'cursor', 'garbage')
  const property = fc.property(
    fc.array(event, { maxLength: 6 }),
    fc.constantFrom('\n\n', '\r\n\r\n', '\r\r'),
    fc.array(fc.nat(2_000), { maxLength: 40 }),
    fc.constantFrom('', '\ufeff'),
    (events, end, cuts, mark) => {
      const [whole, cut] = [[], cuts].map((places) => {
        const { machine, exchange, request } = calling({ progress: true })
        const body = Buffer.from(mark + streamOf(request, events, end))
        const at = [0, ...places.map((place) => place % (body.length + 1)), body.length].sort((a, b) => a - b)
        for (const [index, place] of at.entries()) machine.chunk(0, exchange, body.subarray(at[index - 1] ?? 0, place))
        machine.end(0, exchange)
        return { drained: machine.drain(), inspected: machine.inspect() }
      })
      const { outputs } = whole.drained
      const logged = outputs.filter(({ type }) => type === 'notification').map(({ params }) => JSON.parse(params).data)
      const wanted = events.map((name, n) => [name, words(n)]).filter(([name]) => name === 'log')
      assert.deepEqual(
        logged,
        wanted.map(([, data]) => data),
        'once each, and in order',
      )
      const results = outputs.filter(({ type }) => type === 'settled').map(({ result }) => result)
      assert.deepEqual(results, [JSON.stringify({ content: [words(0)] })])
      assert.deepEqual(cut, whole)
    },
  )
  holds(t, 200, property)
})

for (const isOwn of [true, false]) {
  test(`progress with ${isOwn ? 'its own' : 'a foreign'} token ${isOwn ? 'restarts' : 'leaves'} a call's clock`, () => {
    const { machine, exchange, request } = calling({ progress: true, idle: 10_000, max: 25_000 })
    const progressToken = isOwn ? request.params._meta.progressToken : 'foreign'
    const step = Buffer.from(`data: ${notification('progress', { progressToken, progress: 1 })}\n\n: alive\n\n`)
    const deadlines = () => machine.inspect().calls.map(({ deadline }) => deadline)
    machine.chunk(5_000, exchange, step)
    machine.drain()
    assert.deepEqual(deadlines(), [isOwn ? 15_000 : 10_000])
    for (const now of [14_000, 23_000]) {
      machine.chunk(now, exchange, step)
      machine.timeout(now)
    }
    machine.drain()
    assert.deepEqual(deadlines(), isOwn ? [25_000] : [], 'nothing moves the hard maximum')
  })
}

for (const status of [null, 0, 200, 202, 401, 404, 405, 409, 429, 500, 503]) {
  test(`a server that answers all but the handshake with ${status ?? 'a reset'} cannot make a client storm`, () => {
    const machine = new Client(url, identity, { versions: versions.legacy }, { seed: new Uint8Array(32) })
    machine.connect(0)
    let [now, exchanges, handshakes] = [0, 0, 0]
    while (now < 3_600_000) {
      const { outputs, deadline } = machine.drain()
      for (const open of opensOf({ outputs })) {
        exchanges += 1
        if (open.body.includes('"initialize"')) {
          handshakes += 1
          answer(machine, now, open, initialized)
        } else {
          if (status === null) machine.failed(now, open.exchange, 'connection reset')
          else machine.head(now, open.exchange, status, [sse])
          machine.end(now, open.exchange)
        }
      }
      if (outputs.length > 0) continue
      if (deadline === null) break
      now = Math.max(now, deadline)
      machine.timeout(now)
    }
    assert(handshakes > 0)
    assert(exchanges < 400, `${exchanges} exchanges in an hour`)
  })
}
