// The SDK's servers on our engine: what of it is not the SDK's public API.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { toNodeHandler } from '@modelcontextprotocol/node'
import { InMemoryServerEventBus } from '@modelcontextprotocol/server'
import express from 'express'
import { ConfigError, connect } from 'mcp-sansio'

import { CLIENTS, connected, rejection, text, until } from './sdk/clients.js'
import { LEGACY, MODERN } from './sdk/faulty.js'
import { ours } from './sdk/worlds.js'

const isLegacy = ({ version }) => version === LEGACY

for (const sdk of CLIENTS) {
  describe(`${sdk.name} on our engine`, { concurrency: true }, () => {
    const client = async (t, url, options) => (await connected(t, sdk, sdk.Ours, url, options)).client

    test('a server for each request, where there are no sessions', async (t) => {
      const { url, seen, handler } = await ours(t, sdk, { sessions: false })
      const mine = await client(t, url)
      assert.equal(await text(sdk, mine, 'session'), 'false')
      assert.equal(await text(sdk, mine, 'echo', { text: 'on' }), 'on')
      const asked = await sdk.callTool(mine, { name: 'ask', arguments: { kind: 'roots' } }).catch((error) => error)
      assert.ok(asked instanceof Error || asked.isError)
      await until(() => seen.closed >= 4) // the handshake, and three tools
      assert.deepEqual(handler.inspect().obligations, [])
    })

    test('a client that goes ends its handler, where nobody can come back', async (t) => {
      const { url, seen } = await ours(t, sdk, { sessions: false })
      const mine = await client(t, url)
      const call = rejection(text(sdk, mine, 'wait'))
      await until(() => seen.started === 1)
      await mine.close()
      await call
      await until(() => seen.cancelled === 1)
    })

    test('requests in flight get the grace, and what comes later is refused', async (t) => {
      const { url, seen, handler } = await ours(t, sdk)
      const mine = await client(t, url)
      const resting = text(sdk, mine, 'rest', { ms: 200 })
      await until(() => seen.started === 1)
      const closed = handler.close(20_000)
      assert.match((await rejection(text(sdk, mine, 'echo', { text: 'late' }))).message, /shut(ting)? down/)
      assert.equal(await resting, 'rested')
      await closed
    })

    test('requests in flight end with the grace, and so do all servers', async (t) => {
      const { url, seen, servers, handler } = await ours(t, sdk)
      const mine = await client(t, url)
      const call = rejection(text(sdk, mine, 'wait'))
      await until(() => seen.started === 1)
      await handler.close(0)
      assert.ok((await call) instanceof Error)
      await until(() => seen.cancelled === 1)
      await until(() => seen.closed === servers.length)
      assert.deepEqual(handler.inspect().obligations, [])
    })

    test('a factory may take its time, and may fail', async (t) => {
      let isFailing = false
      const logged = []
      const log = (level, sentence, error) => logged.push([level, sentence, error?.message])
      const { url, handler } = await ours(t, sdk, { log }, undefined, async (make) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        if (isFailing) throw new Error('no database')
        return make()
      })
      const mine = await client(t, url)
      assert.equal(await text(sdk, mine, 'echo', { text: 'on' }), 'on')
      isFailing = true
      const error = await rejection(sdk.client().connect(new sdk.Ours(url)))
      assert.ok(error instanceof Error)
      assert.ok(logged.some(([level, , message]) => level === 'error' && message === 'no database'))
      await until(() => handler.inspect().obligations.length === 0)
    })

    test('a client may go while its server is being made', async (t) => {
      let made = Promise.resolve()
      const { url, seen, servers, handler } = await ours(t, sdk, { sessions: false }, undefined, async (make) => {
        await made
        return make()
      })
      const mine = await client(t, url)
      let go
      made = new Promise((resolve) => {
        go = resolve
      })
      await until(() => seen.closed === servers.length)
      const call = rejection(text(sdk, mine, 'wait'))
      await until(() => handler.inspect().obligations.length === 1)
      await mine.close()
      await call
      await until(() => handler.inspect().obligations.length === 0)
      const before = servers.length
      go()
      await until(() => servers.length > before)
      await until(() => seen.closed === servers.length)
      assert.equal(seen.started, 0)
    })

    test('a request whose server is not made in time is refused', async (t) => {
      let made = Promise.resolve()
      const around = (make) => made.then(make)
      const options = { sessions: false, timing: { take: 100 } }
      const { url } = await ours(t, sdk, options, undefined, around)
      const mine = await client(t, url)
      made = new Promise(() => {})
      assert.ok((await rejection(text(sdk, mine, 'echo', { text: 'on' }))) instanceof Error)
    })

    test('what the SDK cannot read is refused', async (t) => {
      const { url, handler } = await ours(t, sdk)
      const { transport } = await connected(t, sdk, sdk.Ours, url)
      const meta = { 'io.modelcontextprotocol/protocolVersion': MODERN, progressToken: { no: 'token' } }
      const answer = await new Promise((resolve, reject) => {
        transport.onmessage = resolve
        const params = { _meta: isLegacy(sdk) ? { progressToken: { no: 'token' } } : meta }
        transport.send({ jsonrpc: '2.0', id: 'odd', method: 'tools/list', params }).catch(reject)
      }).catch((error) => ({ id: 'odd', error }))
      assert.equal(answer.id, 'odd')
      assert.ok(answer.error !== undefined)
      await until(() => handler.inspect().obligations.length === 0)
    })

    test('a server that closes itself answers nothing more, and its client learns of it', async (t) => {
      const { url, seen, servers } = await ours(t, sdk)
      const mine = await client(t, url, { reinitialize: false })
      const call = rejection(text(sdk, mine, 'wait'))
      await until(() => seen.started === 1)
      await servers.at(-1).close()
      assert.ok((await call) instanceof Error)
    })

    test('web-standard, and without any network', async (t) => {
      const { handler } = await ours(t, sdk)
      const authInfo = { token: 'secret', clientId: 'somebody', scopes: [] }
      const fetch = (url, init) => handler.fetch(new Request(url, init), { authInfo })
      const mine = await client(t, new URL('http://localhost/mcp'), { fetch })
      assert.equal(await text(sdk, mine, 'echo', { text: 'on' }), 'on')
      assert.equal(await text(sdk, mine, 'header', { name: 'content-type' }), 'application/json')
      assert.equal(await text(sdk, mine, 'who'), 'somebody')
    })

    test('behind express, which parses, and behind the adapter of the SDK', async (t) => {
      for (const front of [
        (handler) => express().use(express.json()).all('/mcp', handler.node),
        (handler) => {
          const node = toNodeHandler(handler)
          return express()
            .use(express.json())
            .all('/mcp', (request, response) => void node(request, response, request.body))
        },
        (handler) => toNodeHandler(handler),
      ]) {
        const { url } = await ours(t, sdk, {}, front)
        const mine = await client(t, url)
        assert.equal(await text(sdk, mine, 'echo', { text: 'on' }), 'on')
        assert.match(await text(sdk, mine, 'header', { name: 'user-agent' }), /^(null|undefined)$/)
      }
    })

    test('a host of another name is refused, unless it is allowed', async (t) => {
      const { handler } = await ours(t, sdk)
      const fetch = (own) => (url, init) => own.fetch(new Request(url, init))
      const url = new URL('http://elsewhere.example/mcp')
      const refused = await rejection(sdk.client().connect(new sdk.Ours(url, { fetch: fetch(handler) })))
      assert.match(refused.message, /elsewhere\.example/)
      const allowing = await ours(t, sdk, { hosts: ['elsewhere.example'] })
      const mine = await client(t, url, { fetch: fetch(allowing.handler) })
      assert.equal(await text(sdk, mine, 'echo', { text: 'on' }), 'on')
    })

    test('each step is recorded, if somebody wants it', async (t) => {
      const lines = []
      const { url } = await ours(t, sdk, { record: (some) => lines.push(...some) })
      const record = []
      const mine = await client(t, url, { record: (some) => record.push(...some) })
      assert.equal(await text(sdk, mine, 'echo', { text: 'on' }), 'on')
      for (const all of [lines, record])
        assert.ok(all.length > 4 && all.every((line) => typeof JSON.parse(line) === 'object'))
    })

    test('our own client', async (t) => {
      const { url } = await ours(t, sdk)
      const progress = []
      const mine = await connect(url.href, {
        versions: [sdk.version, sdk.version],
        identity: { name: 'test', version: '1', capabilities: { elicitation: {} } },
        onRequest: () => ({ action: 'accept', content: { answer: '42' } }),
      })
      t.after(() => mine.close())
      assert.equal(mine.version, sdk.version)
      const asked = await mine.callTool('ask', { kind: 'elicitation' })
      assert.equal(asked.content[0].text, 'elicitation: 42')
      await mine.callTool('count', { to: 2 }, { progress: (params) => progress.push(params.progress) })
      assert.deepEqual(progress, [1, 2])
      assert.ok((await mine.listTools()).length > 5)
      const refused = await rejection(mine.request('no/such'))
      assert.equal(refused.code, -32601)
    })
  })
}

for (const sdk of CLIENTS.filter(isLegacy)) {
  describe(`${sdk.name} on our engine: sessions`, { concurrency: true }, () => {
    test('belong to who began them', async (t) => {
      let who = 'her'
      const { url } = await ours(t, sdk, { principal: () => who })
      const { client, transport } = await connected(t, sdk, sdk.Ours, url, { reinitialize: false })
      assert.equal(await text(sdk, client, 'echo', { text: 'mine' }), 'mine')
      who = 'him'
      assert.equal((await rejection(text(sdk, client, 'echo', { text: 'his' }))).cause.code, 'session_lost')
      assert.notEqual(transport, undefined)
    })

    test('belong to the client that was authenticated', async (t) => {
      let clientId = 'hers'
      const front = (handler) => (request, response) => {
        request.auth = { token: 'secret', clientId, scopes: [] }
        handler.node(request, response)
      }
      const { url } = await ours(t, sdk, {}, front)
      const { client } = await connected(t, sdk, sdk.Ours, url, { reinitialize: false })
      assert.equal(await text(sdk, client, 'who'), 'hers')
      clientId = 'his'
      assert.equal((await rejection(text(sdk, client, 'who'))).cause.code, 'session_lost')
    })

    for (const whose of ['Ours', 'Theirs']) {
      test(`clients come back to a stream that was let go: ${whose.toLowerCase()}`, async (t) => {
        let resumed = 0
        const front = (handler) => (request, response) => {
          if (request.headers['last-event-id'] !== undefined) resumed += 1
          handler.node(request, response)
        }
        const { url } = await ours(t, sdk, { timing: { retry: 10 } }, front)
        const { client } = await connected(t, sdk, sdk[whose], url)
        assert.equal(await text(sdk, client, 'poll'), 'polled')
        assert.equal(resumed, 1)
      })
    }

    test('are made anew when the server has begun anew', async (t) => {
      const first = await ours(t, sdk)
      const second = await ours(t, sdk)
      let now = first
      const fetch = (url, init) => now.handler.fetch(new Request(url, init))
      const { client, transport } = await connected(t, sdk, sdk.Ours, new URL('http://localhost/mcp'), { fetch })
      const before = transport.sessionId
      now = second
      assert.equal(await text(sdk, client, 'echo', { text: 'on' }), 'on')
      assert.notEqual(transport.sessionId, before)
    })

    test('are all told', async (t) => {
      const { url, handler } = await ours(t, sdk)
      const heard = []
      for (const name of ['one', 'two']) {
        const { client } = await connected(t, sdk, sdk.Ours, url)
        client.fallbackNotificationHandler = async ({ method }) => void heard.push(`${name}: ${method}`)
        await text(sdk, client, 'echo', { text: 'the stream is there' })
      }
      const method = 'notifications/tools/list_changed'
      if (sdk.name === 'v1') handler.notifyAll(method)
      else handler.notify.toolsChanged()
      await until(() => heard.length === 2)
      assert.deepEqual(heard.sort(), [`one: ${method}`, `two: ${method}`])
    })
  })
}

describe('v2 on our engine', { concurrency: true }, () => {
  const sdk = CLIENTS.find(({ version }) => version === MODERN)

  test('the factory learns for whom it makes a server, as with the SDK', async (t) => {
    const { url, seen } = await ours(t, sdk)
    const { client } = await connected(t, sdk, sdk.Ours, url)
    await text(sdk, client, 'echo', { text: 'on' })
    const legacy = CLIENTS.find(({ name }) => name === 'v2, legacy')
    await connected(t, legacy, legacy.Ours, url)
    assert.deepEqual(
      seen.made.map(({ era }) => era),
      ['modern', 'modern', 'legacy'],
    )
    for (const { requestInfo } of seen.made) assert.equal(requestInfo.url, url.href)
    await until(() => seen.closed === 2)
  })

  test('processes share a bus', async (t) => {
    const bus = new InMemoryServerEventBus()
    const one = await ours(t, sdk, { bus })
    const other = await ours(t, sdk, { bus })
    const { client } = await connected(t, sdk, sdk.Ours, one.url)
    const heard = []
    client.fallbackNotificationHandler = async ({ method }) => void heard.push(method)
    await client.listen({ toolsListChanged: true })
    other.handler.notify.toolsChanged()
    await until(() => heard.length === 1)
    await one.handler.close(0)
    assert.equal(bus.listenerCount, 1)
  })

  test('our own client subscribes', async (t) => {
    const { url, handler } = await ours(t, sdk)
    const client = await connect(url.href)
    t.after(() => client.close())
    const heard = []
    const subscription = client.listen({ toolsListChanged: true })
    for await (const event of subscription) {
      heard.push(event.type)
      if (event.type === 'opened') handler.notify.toolsChanged()
      else break
    }
    assert.deepEqual(heard, ['opened', 'notification'])
  })

  test('more subscriptions than may be are refused', async (t) => {
    const { url } = await ours(t, sdk, { maxSubscriptions: 1 })
    const { client } = await connected(t, sdk, sdk.Ours, url)
    const first = await client.listen({ toolsListChanged: true })
    assert.match((await rejection(client.listen({ toolsListChanged: true }))).message, /limit reached/)
    await first.close()
    await until(async () => {
      const next = await client.listen({ toolsListChanged: true }).catch(() => undefined)
      return next !== undefined
    })
  })
})

test('settings that cannot work are named', async () => {
  for (const path of ['mcp-sansio/sdk/v1', 'mcp-sansio/sdk/v2/server']) {
    const { createMcpHandler } = await import(path)
    assert.throws(
      () => createMcpHandler(() => {}, { patience: 7 }),
      (error) => error instanceof ConfigError && /patience/.test(error.message),
    )
    assert.throws(() => createMcpHandler(() => {}, { recording: 'whole' }), /give a `record`/)
  }
  for (const path of ['mcp-sansio/sdk/v1', 'mcp-sansio/sdk/v2/client']) {
    const { StreamableHTTPClientTransport } = await import(path)
    const make = (options) => () => new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), options)
    assert.throws(make({ patience: 7 }), (error) => error instanceof ConfigError && /patience/.test(error.message))
    assert.throws(make({ redirectPolicy: 'follow' }), /redirectPolicy/)
    assert.throws(make({ reconnectionScheduler: () => {} }), /reconnectionScheduler/)
    assert.throws(make({ recording: 'whole' }), { name: 'ConfigError', message: /give a `record`/ })
    make({
      reconnectionOptions: {
        initialReconnectionDelay: 1,
        maxReconnectionDelay: 2,
        reconnectionDelayGrowFactor: 1,
        maxRetries: 3,
      },
    })()
  }
})
