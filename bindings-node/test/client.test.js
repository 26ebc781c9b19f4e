// The managed client, over node:http and fetch, in both eras.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import { BadResult, CallError, CallFailed, connect, PeerError } from 'mcp-sansio'

import { inTime, until } from './client/patience.js'
import { program } from './client/program.js'
import { ERAS, LEGACY, MODERN, notification, polite, Scripted, silent } from './client/server.js'
import { CARRIERS, peer, scripted, Stage } from './client/stage.js'

for (const [carrier, http] of Object.entries(CARRIERS)) {
  describe(`over ${carrier}`, () => {
    for (const version of ERAS) {
      test(`calls, ${version}`, () =>
        scripted(polite, version, http, async (stage, server) => {
          const { client } = stage
          assert.equal(client.version, version)
          await (await stage.call('echo')).cameToResult()
          assert.deepEqual(
            (await client.listTools()).map(({ name }) => name),
            ['echo'],
          )
          assert.equal((await client.callTool('echo', { text: 'hï ✓' })).content[0].text, 'hï ✓')
          await client.ping()
          assert.ok(server.count(version === LEGACY ? 'ping' : 'server/discover') > 0)
          client.notify('notifications/roots/list_changed')
          await until(() => server.count('notifications/roots/list_changed') === (version === LEGACY ? 1 : 0))
          // A body that is read to its end leaves its connection to the next request.
          assert.ok(server.connections <= 3, `${server.connections} connections`)
          for (const x of server.requests) assert.equal(x.text === '', x.http !== 'POST')
        }))

      test(`headers, ${version}`, async () => {
        const own = { 'X-Team': 'blue', 'Content-Type': 'text/plain', 'Accept-Encoding': 'gzip', 'x-two': ['1', '2'] }
        const lines = []
        const server = await Scripted.start(polite, version)
        const record = (more) => lines.push(...more)
        const client = await connect(server.url, { ...http, headers: own, record, recording: 'whole' })
        await client.callTool('echo', {}, { headers: { 'X-Once': '1' } })
        await client.close()
        await server.close()
        assert.deepEqual(
          server.requests.filter((x) => x.tool).map((x) => x.headers['x-once']),
          ['1'],
        )
        for (const x of server.requests) {
          assert.equal(x.headers['x-team'], 'blue')
          assert.equal(x.headers['accept-encoding'], 'identity')
          assert.ok(x.http !== 'POST' || x.headers['content-type'] === 'application/json')
        }
        assert.ok(lines.length > 0 && !lines.join('').includes('blue'))
      })

      test(`progress, ${version}`, () =>
        scripted(chatty, version, http, async (stage) => {
          const heard = []
          await (await stage.call('chat', { progress: ({ progress }) => heard.push(progress) })).cameToResult()
          assert.deepEqual(heard, [...Array(200).keys()])
        }))
    }

    test('errors are thrown', () => {
      const script = (x) => {
        if (x.tool === 'refused') x.json(x.error(-32001, 'not for you', { why: ['because'] }))
        else if (x.tool === 'lost') x.stream()
        else if (x.tool === 'list') x.json({ jsonrpc: '2.0', id: x.body.id, result: [] })
        else polite(x)
      }
      return scripted(script, LEGACY, http, async (stage) => {
        const { client } = stage
        await assert.rejects(client.callTool('refused'), (error) => {
          assert.ok(error instanceof PeerError && error instanceof CallError)
          assert.deepEqual([error.code, error.message, error.data], [-32001, 'not for you', { why: ['because'] }])
          return true
        })
        await assert.rejects(client.callTool('lost'), (error) => {
          assert.ok(error instanceof CallFailed && error instanceof CallError)
          assert.deepEqual([error.code, error.execution], ['connection_lost', 'unknown'])
          assert.ok(error.story.length > 0)
          return true
        })
        await assert.rejects(client.callTool('list'), BadResult)
        assert.ok((await client.outcome('tools/call', { name: 'list' })).error instanceof BadResult)
        await (await stage.call('echo')).cameToResult()
      })
    })

    test('not reachable: not sent, with the causes', async () => {
      const server = await Scripted.start()
      await server.close()
      await assert.rejects(connect(server.url, http), (error) => {
        assert.deepEqual([error.code, error.execution], ['unreachable', 'not_sent'])
        assert.match(error.message, /connect ECONNREFUSED 127\.0\.0\.1/)
        assert.doesNotMatch(error.message, /http:\/\//)
        return true
      })
      await assert.rejects(connect('http://nowhere.invalid/mcp', http), {
        code: 'unreachable',
        execution: 'not_sent',
        message: /getaddrinfo/,
      })
    })

    test('redirects are the machine’s', () => {
      const script = (x) => {
        if (x.tool === 'away') {
          x.respond('307 Temporary Redirect', '', { location: 'http://127.0.0.1:1/elsewhere' })
        } else if (x.tool === 'echo' && x.path === '/mcp') {
          x.respond('307 Temporary Redirect', '', { location: '/moved' })
        } else polite(x)
      }
      return scripted(script, LEGACY, http, async (stage, server) => {
        await (await stage.call('away')).failed('redirected', 'refused')
        await (await stage.call('echo')).cameToResult()
        assert.equal(server.requests.at(-1).path, '/moved')
      })
    })

    test('compressed though nobody asked', () => {
      const gzip = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
      const script = (x) => (x.tool ? x.respond('200 OK', 'no gzip', gzip) : polite(x))
      return scripted(script, LEGACY, http, async (stage) => {
        const outcome = await (await stage.call('echo')).outcome()
        assert.equal(outcome.type, 'failure')
        assert.equal(outcome.failure.execution, 'unknown')
      })
    })

    for (const version of ERAS) {
      test(`two hundred calls at once, ${version}`, () => {
        let waiting = []
        const script = async (x) => {
          if (x.tool) {
            await new Promise((resolve) => {
              waiting.push(resolve)
              if (waiting.length === 50) for (const go of waiting.splice(0)) go()
            })
          }
          polite(x)
        }
        return scripted(script, version, { ...http, limits: { exchanges: 60 } }, async (stage) => {
          waiting = []
          const calls = Array.from({ length: 200 }, () => stage.start('echo'))
          for (const call of calls) await call.cameToResult()
        })
      })
    }

    test('nothing is left after close, whatever was going on', () => {
      const script = (x) => (x.tool === 'headless' || x.http === 'GET' ? x.hold() : silent(x))
      return scripted(script, LEGACY, http, async (stage, server) => {
        const calls = ['silent', 'silent', 'headless', 'headless'].map((tool) => stage.start(tool))
        await until(() => server.requests.filter((x) => x.tool).length === 4)
        await (await stage.call('echo')).cameToResult()
        const reading = stage.client.notifications().next()
        await stage.close()
        for (const call of calls) await call.failed('closed', 'unknown')
        assert.deepEqual(await inTime(reading), { done: true, value: undefined })
        const { calls: owed, exchanges } = stage.client.inspect()
        assert.deepEqual([owed, exchanges], [[], []])
        if (carrier === 'node:http') await until(() => server.open === 0)
      })
    })
  })
}

/** Tells 200 steps of progress before the answer; of `waiting` there is none. */
const chatty = (x) => {
  if (!x.tool) return polite(x)
  x.stream()
  for (let step = 0; step < 200; step++) x.progress(step)
  return x.tool === 'waiting' ? x.hold() : x.event(x.says(x.params.arguments.text))
}

test('lists end', async () => {
  const script = (x) => {
    if (x.method !== 'tools/list') return polite(x)
    const page = Number(x.params.cursor ?? '0')
    const more = page < 2 ? { nextCursor: String(page + 1) } : {}
    return x.json(x.result({ tools: [{ name: `tool-${page}` }], ...more }))
  }
  await scripted(script, LEGACY, {}, async ({ client }) => {
    const names = (await client.listTools()).map(({ name }) => name)
    assert.deepEqual(names, ['tool-0', 'tool-1', 'tool-2'])
  })
})

test('lists end, also those that have none', () => {
  const script = (x) => (x.method === 'tools/list' ? x.json(x.result({ tools: [], nextCursor: 'again' })) : polite(x))
  return scripted(script, LEGACY, {}, async ({ client }) => {
    await assert.rejects(client.listTools(), { name: 'BadResult', message: /more than 1000 pages/ })
  })
})

test('settings that cannot work', async () => {
  const url = 'http://localhost/mcp'
  const refused = (settings, message) => assert.rejects(connect(url, settings), { name: 'ConfigError', message })
  await assert.rejects(connect('ftp://example.com'), { name: 'ConfigError' })
  await assert.rejects(connect('no url'), { name: 'ConfigError' })
  await refused({ recording: 'whole' }, /`record`/)
  await refused({ noSuchSetting: 1 }, /noSuchSetting/)
  await refused({ fetch: 'global' }, /^fetch: /)
  await refused({ fetch, agent: new Agent() }, /^agent: .*not both/)
  await refused({ headers: { 'a b': 'c' } }, /"a b"/)
  await refused({ headers: { 'x-a': '✓' } }, /x-a/)
  await refused({ headers: { authorization: 'Bearer secret\r\nx: y' } }, /^(?!.*secret).*authorization/)
})

test('a header of a call that nobody can send is that call’s failure', () =>
  scripted(polite, LEGACY, {}, async (stage, server) => {
    await (await stage.call('echo')).cameToResult()
    const before = server.requests.length
    for (const headers of [{ 'a b': 'c' }, { 'x-a': 'b\r\nx-b: c' }]) {
      const outcome = await (await stage.call('echo', { headers })).outcome()
      assert.equal(outcome.type, 'failure')
      assert.equal(outcome.failure.execution, 'not_sent')
    }
    assert.equal(server.requests.length, before)
  }))

test('progress callbacks that throw, or reject, cancel their call alone', () => {
  const logged = []
  const log = (...said) => logged.push(said)
  return scripted(chatty, LEGACY, { log }, async (stage) => {
    const other = stage.start('chat', { progress: () => {} })
    const thrown = new Error('mine')
    const throws = () => {
      throw thrown
    }
    await assert.rejects(stage.start('chat', { progress: throws }).outcome(), thrown)
    await assert.rejects(stage.start('waiting', { progress: () => Promise.reject(thrown) }).outcome(), thrown)
    await other.cameToResult()
    assert.deepEqual(stage.client.inspect().calls, [])
    const late = () => new Promise((_resolve, reject) => setTimeout(reject, 100, thrown))
    await (await stage.call('chat', { progress: late })).cameToResult()
    await until(() => logged.some(([level, , error]) => level === 'error' && error === thrown))
  })
})

test('a reader that does not read holds up no outcome', () => {
  const script = (x) => {
    if (!x.tool) return polite(x)
    x.stream()
    for (let data = 0; data < 1_000; data++) x.event(notification('notifications/message', { level: 'info', data }))
    return x.event(x.says(x.params.arguments.text))
  }
  return scripted(script, LEGACY, {}, async (stage) => {
    const older = stage.client.notifications()
    for (let i = 0; i < 3; i++) await (await stage.call('echo')).cameToResult()
    for (let i = 0; i < 64; i++) assert.equal((await older.next()).value.params.data, i)
    const newer = stage.client.notifications()
    await (await stage.call('echo')).cameToResult()
    assert.equal((await newer.next()).value.method, 'notifications/message')
    await newer.return()
    assert.equal((await newer.next()).done, true)
    await (await stage.call('echo')).cameToResult()
    // The older reader finds what was there, and its end.
    for await (const { method } of older) assert.equal(method, 'notifications/message')
  })
})

test('readers end with the client, and calls after it fail', () =>
  scripted(polite, LEGACY, {}, async (stage) => {
    const { client } = stage
    const [messages, events] = [client.notifications(), client.events()]
    await stage.close()
    assert.equal((await messages.next()).done, true)
    for await (const event of events) assert.ok(['notice', 'sessionChanged'].includes(event.type))
    assert.equal((await client.notifications().next()).done, true)
    await assert.rejects(client.callTool('echo'), { code: 'closed', execution: 'not_sent' })
    client.notify('notifications/roots/list_changed')
    const listening = client.listen({ toolsListChanged: true })
    const { value } = await listening.next()
    assert.deepEqual([value.type, value.outcome.failure.kind], ['ended', 'closed'])
    assert.equal((await listening.next()).done, true)
    await stage.close()
    client.credentialsChanged()
  }))

test('subscriptions, left or closed', async () => {
  for (const leaves of [true, false]) {
    await peer(['serve'], {}, async (stage, server) => {
      const listening = stage.client.listen({ toolsListChanged: true })
      assert.deepEqual((await listening.next()).value, { type: 'opened', filter: { toolsListChanged: true } })
      await stage.client.callTool('switch')
      assert.equal((await listening.next()).value.method, 'notifications/tools/list_changed')
      if (leaves) {
        await listening.return()
        await server.until('client left')
      } else {
        await stage.close()
        assert.equal((await listening.next()).value.type, 'ended')
      }
      assert.equal((await listening.next()).done, true)
    })
  }
})

test('a subscription in a session is a failure', () =>
  scripted(polite, LEGACY, {}, async (stage) => {
    const { value } = await stage.client.listen({ toolsListChanged: true }).next()
    assert.deepEqual([value.type, value.outcome.type], ['ended', 'failure'])
  }))

test('events tell what happens', () => {
  const script = (x) => (x.tool ? x.json({ jsonrpc: '2.0', id: 'nobody’s', result: {} }) : polite(x))
  return scripted(script, LEGACY, {}, async (stage) => {
    const events = stage.client.events()
    await stage.call('echo')
    const { value } = await inTime(events.next())
    assert.equal(value.type, 'notice')
  })
})

for (const recording of ['redacted', 'whole']) {
  test(`records that replay, ${recording}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mcp-sansio-'))
    const lines = []
    const server = await Scripted.start(polite, MODERN)
    const client = await connect(server.url, { record: (more) => lines.push(...more), recording })
    await client.callTool('echo', { text: 'hi' })
    await client.outcome('nothing')
    await client.close()
    await server.close()
    writeFileSync(join(folder, 'record.jsonl'), `${lines.join('\n')}\n`)
    const said = execFileSync(program(), ['replay', join(folder, 'record.jsonl')], { encoding: 'utf8' })
    assert.match(said, /3 calls/)
    rmSync(folder, { recursive: true })
  })
}

test('a record that cannot be written any more', async () => {
  const server = await Scripted.start()
  const full = new Error('no space left on device')
  let isFull = false
  let written = 0
  const record = () => {
    if (isFull) throw full
    written += 1
  }
  const client = await connect(server.url, { record })
  const events = client.events()
  isFull = true
  await client.callTool('echo')
  assert.deepEqual((await inTime(events.next())).value, { type: 'recordingEnded', error: full })
  isFull = false
  const before = written
  await client.callTool('echo')
  assert.equal(written, before)
  await client.close()
  await server.close()
})

test('a record that uses the client', async () => {
  const server = await Scripted.start()
  const calls = []
  let use = () => {}
  const client = await connect(server.url, { record: () => use() })
  use = () => {
    if (calls.length < 3) calls.push(client.callTool('echo', { text: 'from the record' }))
  }
  await client.callTool('echo')
  assert.equal(calls.length, 3)
  await inTime(Promise.all(calls))
  await client.close()
  await server.close()
})

test('wrong use is told, and changes nothing', () =>
  scripted(polite, LEGACY, {}, async (stage) => {
    const { client } = stage
    const circular = {}
    circular.self = circular
    for (const wrong of [
      () => client.callTool('echo', { text: 1n }),
      () => client.callTool('echo', circular),
      () => client.callTool('echo', {}, { idle: 'soon' }),
      () => client.callTool('echo', {}, { signal: new AbortController() }),
      () => client.callTool('echo', {}, { signal: null }),
      () => client.callTool('echo', {}, { progress: 'loud' }),
      () => client.callTool('echo', {}, { timeout: 5 }),
      async () => client.request(5),
      async () => client.notify('a', circular),
      async () => client.notify(5),
      async () => client.listen(circular),
    ]) {
      await assert.rejects(wrong(), TypeError)
    }
    await assert.rejects(client.ping({ timeout: 5 }), /there is no option `timeout`; there are signal, .*idle, max/)
    for (const nonsense of [{ idle: -1 }, { max: 0 }]) {
      const outcome = await inTime(client.outcome('tools/call', { name: 'echo' }, nonsense))
      assert.ok(['failure', 'result'].includes(outcome.type))
    }
    await (await stage.call('echo')).cameToResult()
  }))

test('a saved state saves the handshake', async () => {
  const server = await Scripted.start(polite, MODERN)
  const first = await connect(server.url)
  const known = first.known()
  await first.close()
  const before = server.requests.length
  const second = await Stage.connect(server.url, { known: JSON.parse(JSON.stringify(known)) })
  await (await second.call('echo')).cameToResult()
  await second.over()
  assert.equal(server.requests.length, before + 1)
  await server.close()
})

test('the URL may be a URL', () =>
  scripted(polite, LEGACY, {}, async (_, server) => {
    const client = await connect(new URL(server.url))
    await client.close()
  }))

test('a client says the version of its package', async () => {
  const server = await Scripted.start(polite, LEGACY)
  const client = await connect(server.url)
  await client.close()
  await server.close()
  const { clientInfo } = server.requests.find(({ method }) => method === 'initialize').params
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  assert.deepEqual(clientInfo, { name: 'mcp-sansio', version })
})
