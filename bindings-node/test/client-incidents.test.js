// Publicly reported incidents, played by `mcp-sansio misbehave`: what each call must come to, over node:http and fetch.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import { describe, test } from 'node:test'

import { inTime } from './client/patience.js'
import { Peer } from './client/program.js'
import { polite } from './client/server.js'
import { CARRIERS, peer, scripted, Stage } from './client/stage.js'

const ECHO = 'POST tools/call echo'
const SLOW = 'POST tools/call slow'

for (const [carrier, http] of Object.entries(CARRIERS)) {
  const incident = (name, { era, ...settings }, play) => {
    const args = era === undefined ? [name] : [name, '--era', era]
    return peer(['misbehave', ...args], { ...http, ...settings }, play)
  }

  describe(`over ${carrier}`, { concurrency: 4 }, () => {
    for (const [name, kind, execution] of [
      ['accepted', 'bad_answer', 'unknown'],
      ['cut-off-body', 'connection_lost', 'unknown'],
      ['not-json', 'bad_answer', 'unknown'],
      ['reset', 'connection_lost', 'unknown'],
      ['session-never-found', 'session_lost', 'refused'],
      ['stream-ends', 'connection_lost', 'unknown'],
      ['truncated-json', 'bad_answer', 'unknown'],
    ]) {
      test(`${name}: the call fails at once`, () =>
        incident(name, { era: 'legacy' }, async (stage) => {
          await (await stage.call('echo')).failed(kind, execution)
        }))
    }

    for (const [name, kind, execution] of [
      ['bare-404', 'http_status', 'refused'],
      ['server-error', 'http_status', 'unknown'],
    ]) {
      test(`${name}: the next call does not suffer`, () =>
        incident(name, {}, async (stage) => {
          await (await stage.call('echo')).failed(kind, execution)
          await (await stage.call('echo')).cameToResult()
        }))
    }

    for (const name of ['silent-stream', 'keep-alives-for-ever', 'no-head', 'cancel-unanswered']) {
      test(`${name}: silence ends by the call's own clock`, () =>
        incident(name, { era: 'legacy', timing: { cancel: 20_000 } }, async (stage, server) => {
          await (await stage.call('echo', { idle: 3_000 })).failed('timed_out', 'unknown')
          await server.until('<- POST cancelled')
        }))
    }

    test('silent-stream, modern: to leave is to cancel', () =>
      incident('silent-stream', { era: 'modern' }, async (stage, server) => {
        await (await stage.call('echo', { idle: 3_000 })).failed('timed_out', 'unknown')
        await server.until('client left')
        await server.asked('POST cancelled', 0)
      }))

    for (const name of ['none', 'standalone-ends', 'initialized-unanswered']) {
      test(`${name}: trouble that is nobody else's`, () =>
        incident(name, { era: 'legacy' }, async (stage) => {
          await (await stage.call('echo')).cameToResult()
          await (await stage.call('echo')).cameToResult()
        }))
    }

    test('answer-elsewhere', () =>
      incident('answer-elsewhere', {}, async (stage, server) => {
        await (await stage.call('echo')).cameToResult()
        await server.saw('<- GET after', 1)
      }))

    for (const reinitialize of [true, false]) {
      test(`session-forgotten, the orphaned call, ${reinitialize ? 'with' : 'without'} another session`, () =>
        incident('session-forgotten', { timing: { sessionGrace: 400 }, reinitialize }, async (stage, server) => {
          const slow = stage.start('slow')
          await server.until(`<- ${SLOW}`)
          const call = await stage.call('echo')
          if (reinitialize) await call.cameToResult()
          else await call.failed('session_lost', 'refused')
          await slow.failed('session_lost', 'unknown')
          await server.asked('POST initialize', reinitialize ? 2 : 1)
          await server.asked(SLOW, 1)
        }))
    }

    test('session-forgotten-late-answer', () =>
      incident('session-forgotten-late-answer', { timing: { sessionGrace: 8_000 } }, async (stage, server) => {
        const slow = stage.start('slow')
        await server.until(`<- ${SLOW}`)
        await (await stage.call('echo')).cameToResult()
        await slow.cameToResult()
      }))

    test('session-forgotten-slow-404: five calls, one new session', () =>
      incident('session-forgotten-slow-404', {}, async (stage, server) => {
        const calls = Array.from({ length: 5 }, () => stage.start('echo'))
        for (const call of calls) await call.cameToResult()
        await server.asked('POST initialize', 2)
        await server.asked(ECHO, 10)
      }))

    test('resume-never-moves', () =>
      incident('resume-never-moves', { limits: { reconnects: 3 } }, async (stage, server) => {
        await (await stage.call('echo')).failed('connection_lost', 'unknown')
        await server.saw('<- GET after', 3)
      }))

    test('retry-zero', () =>
      incident('retry-zero', {}, async (stage, server) => {
        const outcome = await (await stage.call('echo', { max: 1_500 })).outcome()
        assert.notEqual(outcome.type, 'result')
        const resumed = server.count('<- GET after')
        assert.ok(resumed >= 1 && resumed <= 8, `resumed ${resumed} times`)
      }))

    for (const era of ['legacy', 'modern']) {
      test(`foreign-id, ${era}`, () =>
        incident('foreign-id', { era }, async (stage, server) => {
          const slow = stage.start('slow')
          await server.until(`<- ${SLOW}`)
          await (await stage.call('echo')).failed('bad_answer', 'unknown')
          await slow.cameToResult()
        }))
    }

    test('null-id', () =>
      incident('null-id', { era: 'legacy' }, async (stage, server) => {
        await stage.client.listTools() // a session that has worked may be suspected
        await (await stage.call('echo')).cameToError()
        await (await stage.call('echo')).cameToResult()
        await server.asked('POST ping', 1)
      }))

    test('too-large', () =>
      incident('too-large', { era: 'legacy', limits: { event: 64 << 10 } }, async (stage, server) => {
        await (await stage.call('echo')).failed('too_large', 'unknown')
        await (await stage.call('echo')).cameToResult()
        await server.saw('<- GET after', 0)
      }))

    test('same-number', () =>
      incident('same-number', {}, async (stage, server) => {
        await (await stage.call('echo')).cameToResult()
        await server.saw(' an answer', 1)
      }))

    test('delete-unanswered: closing is bounded', () =>
      incident('delete-unanswered', {}, async (stage, server) => {
        await (await stage.call('echo')).cameToResult()
        const began = performance.now()
        await stage.close()
        assert.ok(performance.now() - began < 10_000)
        await server.asked('DELETE', 1)
      }))

    for (const name of [
      'probe-unanswered',
      'probe-not-found',
      'probe-unavailable',
      'probe-web-page',
      'probe-empty-stream',
      'probe-empty-result',
    ]) {
      test(`${name}: it is a server of the legacy era`, () =>
        incident(name, { timing: { probe: 300 } }, async (stage, server) => {
          await (await stage.call('echo')).cameToResult()
          assert.equal(stage.client.version, '2025-11-25')
          await server.asked('POST server/discover', 1)
          await server.asked('POST initialize', 1)
          if (name === 'probe-unanswered') await server.until('client left')
        }))
    }

    test('becomes-modern', () =>
      incident('becomes-modern', {}, async (stage, server) => {
        await (await stage.call('echo')).cameToResult()
        await (await stage.call('echo')).cameToResult()
        assert.equal(stage.client.version, '2026-07-28')
        await server.asked(ECHO, 3)
      }))

    test('what is known is outdated: the server has become modern', () => {
      const known = { version: '2025-11-25', session: 'saved-before' }
      return incident('none', { era: 'modern', known }, async (stage, server) => {
        await (await stage.call('echo')).cameToResult()
        assert.equal(stage.client.version, '2026-07-28')
        await server.asked('POST server/discover', 1)
        await server.asked(ECHO, 2)
      })
    })

    test('what is known is outdated: the server is of the legacy era', () =>
      incident('probe-not-found', { known: { version: '2026-07-28' } }, async (stage, server) => {
        await (await stage.call('echo')).cameToResult()
        assert.equal(stage.client.version, '2025-11-25')
        await server.asked('POST initialize', 1)
        await server.asked(ECHO, 2)
      }))

    test('own-version-refused', () =>
      incident('own-version-refused', {}, async (stage, server) => {
        await (await stage.call('echo')).cameToResult()
        await server.asked('POST server/discover', 3)
        await server.asked('POST initialize', 0)
      }))

    test('headers-refused', () =>
      incident('headers-refused', {}, async (stage, server) => {
        await (await stage.call('echo')).cameToError()
        await server.asked('POST tools/list', 1)
        await server.asked(ECHO, 2)
      }))

    test('half-event', () =>
      incident('half-event', {}, async (stage, server) => {
        await (await stage.call('echo')).failed('connection_lost', 'unknown')
        await (await stage.call('echo', { safe: true })).cameToResult()
        await server.asked(ECHO, 3)
        await server.saw('<- GET after', 0)
      }))

    test('asks-on-stream', () =>
      incident('asks-on-stream', {}, async (stage, server) => {
        await (await stage.call('echo')).cameToResult()
        await server.saw(' an answer', 0)
      }))

    test('asks-for-ever', () =>
      incident('asks-for-ever', {}, async (stage, server) => {
        await (await stage.call('echo')).failed('too_many_rounds', 'unknown')
        await server.asked(ECHO, 11)
      }))

    test('listen-lost', () =>
      incident('listen-lost', {}, async (stage, server) => {
        const heard = []
        for await (const event of stage.client.listen({ toolsListChanged: true })) heard.push(event)
        assert.deepEqual(
          heard.map(({ type }) => type),
          ['opened', 'gap', 'opened', 'notification', 'ended'],
        )
        assert.equal(heard.at(-1).outcome.type, 'result')
        await (await stage.call('echo')).cameToResult()
        await server.asked('POST subscriptions/listen', 2)
      }))

    test('listen-answered', () =>
      incident('listen-answered', {}, async (stage, server) => {
        const heard = []
        for await (const event of stage.client.listen({ toolsListChanged: true })) heard.push(event)
        assert.deepEqual(
          heard.map(({ type, outcome }) => [type, outcome.type]),
          [['ended', 'result']],
        )
        await (await stage.call('echo')).cameToResult()
        await server.asked('POST subscriptions/listen', 1)
      }))
  })
}

test('a stuck reader: another client of the session asks for much, and does not read it', async () => {
  const server = await Peer.start('serve')
  const stage = await Stage.connect(server.url, { versions: ['2024-11-05', '2025-11-25'] })
  const call = { name: 'big', arguments: { bytes: 8 << 20 } }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 'stuck', method: 'tools/call', params: call })
  const { hostname, port, host } = new URL(server.url)
  const stuck = connectSocket(Number(port), hostname)
  stuck.pause()
  await inTime(once(stuck, 'connect'), 'connecting')
  stuck.write(
    `POST /mcp HTTP/1.1\r\nhost: ${host}\r\naccept: application/json, text/event-stream\r\n` +
      `content-type: application/json\r\nmcp-session-id: ${stage.client.known().session}\r\n` +
      `mcp-protocol-version: 2025-11-25\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  await server.until('<- POST tools/call big')
  const echoes = Array.from({ length: 5 }, () => stage.start('echo'))
  for (const echo of echoes) await echo.cameToResult()
  await stage.over()
  stuck.destroy()
  await server.close()
})

test('the application of the server takes no request, and the server says so', () =>
  scripted(
    (x) => {
      if (x.tool === '') polite(x)
      else x.json(x.error(-32603, 'the request was not taken'), '500 Internal Server Error')
    },
    undefined,
    {},
    async (stage) => {
      assert.equal((await (await stage.call('echo')).cameToError()).code, -32603)
      await stage.client.ping()
    },
  ))
