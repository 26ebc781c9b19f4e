// The faults that leave clients hanging: with the drop-in the SDK's call ends in an error of the SDK, and its client
// lives.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { CLIENTS, connected, rejection, text, until, waiting } from './sdk/clients.js'
import { FAULTS, faulty, LEGACY, LEGACY_FAULTS, MODERN } from './sdk/faulty.js'

const faultsOf = ({ version }) => (version === LEGACY ? LEGACY_FAULTS : FAULTS)
// The bound of the calls in these tests. The SDK's own is a minute.
const timing = { max: 4000 }

describe('faults', { concurrency: true }, () => {
  for (const sdk of CLIENTS) {
    describe(sdk.name, { concurrency: true }, () => {
      for (const [name, fault] of Object.entries(faultsOf(sdk))) {
        test(`${name}: an error within the bound, and the client lives`, async (t) => {
          const server = await faulty(t, fault)
          const { client, transport } = await connected(t, sdk, sdk.Ours, server.url, { timing })
          const error = await rejection(text(sdk, client, 'faulty'))
          assert.ok(sdk.isError(error), `${error.constructor.name}: ${error.message}`)
          await until(async () => (await text(sdk, client, 'good').catch(() => '')) === 'good')
          assert.deepEqual(transport.inspect().calls, [])
          await until(() => waiting(client) === 0)
          if (name === 'a result that is none') return
          const { execution } = error.cause ?? error.data
          assert.equal(execution, 'unknown')
        })
      }

      test('the fault of one call is not its neighbours', async (t) => {
        const server = await faulty(t, FAULTS['keep-alives for ever'])
        const { client } = await connected(t, sdk, sdk.Ours, server.url)
        const neighbour = rejection(text(sdk, client, 'faulty'))
        await until(() => server.seen.includes('tools/call'))
        server.fault = FAULTS['a reset']
        assert.match((await rejection(text(sdk, client, 'faulty'))).message, /connection was lost/)
        assert.equal(await text(sdk, client, 'good'), 'good')
        await client.close()
        assert.match((await neighbour).message, /[Cc]onnection closed/)
      })

      test('a call that its caller gives up is cancelled, and yields nothing', async (t) => {
        const server = await faulty(t, FAULTS['keep-alives for ever'])
        const { client } = await connected(t, sdk, sdk.Ours, server.url)
        const heard = []
        client.onerror = (error) => heard.push(error)
        const controller = new AbortController()
        const call = rejection(text(sdk, client, 'faulty', {}, { signal: controller.signal }))
        await until(() => server.seen.includes('tools/call'))
        controller.abort(new Error('enough'))
        assert.match((await call).message, /enough/)
        // The one era says it, the other lets the connection go.
        const sign = sdk.version === LEGACY ? 'notifications/cancelled' : 'gone'
        await until(() => server.seen.includes(sign))
        assert.equal(await text(sdk, client, 'good'), 'good')
        assert.deepEqual(heard, [])
      })

      test('the timeout of the SDK is its own', async (t) => {
        const server = await faulty(t, FAULTS['keep-alives for ever'])
        const { client } = await connected(t, sdk, sdk.Ours, server.url)
        const error = await rejection(text(sdk, client, 'faulty', {}, { timeout: 100 }))
        assert.match(error.message, /Request timed out/)
        assert.equal(await text(sdk, client, 'good'), 'good')
      })

      test('what is in flight at the end is not waited for', async (t) => {
        const server = await faulty(t, FAULTS['keep-alives for ever'])
        const { client } = await connected(t, sdk, sdk.Ours, server.url)
        const call = rejection(text(sdk, client, 'faulty'))
        await until(() => server.seen.includes('tools/call'))
        await client.close()
        assert.match((await call).message, /Connection closed/)
        await until(() => server.seen.includes('gone'))
      })

      test('whoever gives up connecting is let go', async (t) => {
        const server = await faulty(t, FAULTS[202])
        server.handshake = FAULTS['no head']
        const transport = new sdk.Ours(server.url, { timing: { close: 200 } })
        const connecting = rejection(sdk.client().connect(transport))
        await until(() => server.seen.length > 0)
        await transport.close()
        assert.match((await connecting).message, /[Cc]onnection closed/)
        await until(() => server.seen.includes('gone'))
      })

      test('a server that is not there', async (t) => {
        const server = await faulty(t, FAULTS[202])
        await server.stop()
        const error = await rejection(sdk.client().connect(new sdk.Ours(server.url)))
        assert.ok(sdk.isError(error))
        assert.match(error.message, /cannot be reached/)
      })

      test('an answer that is larger than it may be', async (t) => {
        const server = await faulty(t, (exchange) => {
          exchange.sse()
          exchange.write(`data: ${'x'.repeat(3000)}\n\n`)
        })
        const { client } = await connected(t, sdk, sdk.Ours, server.url, { limits: { event: 2000 } })
        assert.match((await rejection(text(sdk, client, 'faulty'))).message, /larger/)
      })
    })
  }
})

for (const sdk of CLIENTS.filter(({ version }) => version === LEGACY)) {
  describe(`${sdk.name}: sessions`, { concurrency: true }, () => {
    test('a lost one is made anew, and the call goes again', async (t) => {
      const server = await faulty(t, (exchange) => {
        if (exchange.headers['mcp-session-id'] === 's1') exchange.whole(404)
        else exchange.whole(200, exchange.answer('again'))
      })
      const { client, transport } = await connected(t, sdk, sdk.Ours, server.url)
      assert.equal(transport.sessionId, 's1')
      assert.equal(await text(sdk, client, 'faulty'), 'again')
      assert.equal(transport.sessionId, 's2')
      assert.equal(await text(sdk, client, 'good'), 'good')
    })

    test('one that may not be made anew is an error with the status', async (t) => {
      const server = await faulty(t, (exchange) => exchange.whole(404))
      const { client } = await connected(t, sdk, sdk.Ours, server.url, { reinitialize: false })
      const error = await rejection(text(sdk, client, 'faulty'))
      assert.match(error.message, /session/)
      assert.equal(error.status ?? error.code, 404)
      assert.equal(error.cause.code, 'session_lost')
    })

    test('one is ended by terminateSession, and left alone by close', async (t) => {
      const server = await faulty(t, FAULTS[202])
      const first = await connected(t, sdk, sdk.Ours, server.url)
      await first.client.close()
      const second = await connected(t, sdk, sdk.Ours, server.url)
      assert.ok(!server.seen.includes('DELETE'))
      await second.transport.terminateSession()
      assert.ok(server.seen.includes('DELETE'))
      assert.equal(second.transport.sessionId, undefined)
      assert.match((await rejection(text(sdk, second.client, 'good'))).message, /closed/)
    })

    test('one from earlier is gone on with', async (t) => {
      const server = await faulty(t, FAULTS[202])
      const { client, transport } = await connected(t, sdk, sdk.Ours, server.url, { sessionId: 'earlier' })
      transport.setProtocolVersion('2025-06-18')
      let headers
      server.fault = (exchange) => {
        headers = exchange.headers
        exchange.whole(200, exchange.answer('went on'))
      }
      assert.equal(await text(sdk, client, 'faulty'), 'went on')
      assert.ok(!server.seen.includes('initialize'))
      assert.deepEqual([headers['mcp-session-id'], headers['mcp-protocol-version']], ['earlier', '2025-06-18'])
    })

    test('a resumption token does not run a request twice', async (t) => {
      const server = await faulty(t, FAULTS[202])
      const { client } = await connected(t, sdk, sdk.Ours, server.url)
      const error = await rejection(text(sdk, client, 'good', {}, { resumptionToken: '7' }))
      assert.ok(sdk.isError(error))
      assert.match(error.message, /by itself/)
      assert.ok(!server.seen.includes('tools/call'))
    })
  })
}

for (const sdk of CLIENTS.filter(({ version }) => version === LEGACY)) {
  test(`${sdk.name}: a request that the SDK cannot read is refused`, async (t) => {
    const server = await faulty(t, async (exchange) => {
      exchange.sse()
      exchange.event({ jsonrpc: '2.0', id: 7, method: 'roots/list', params: { _meta: 'nothing of the kind' } })
      await until(() => server.answers.length > 0)
      exchange.event(exchange.answer('went on'))
      exchange.end()
    })
    const { client } = await connected(t, sdk, sdk.Ours, server.url, { client: { capabilities: { roots: {} } } })
    const heard = []
    client.onerror = (error) => heard.push(error)
    assert.equal(await text(sdk, client, 'faulty'), 'went on')
    assert.equal(server.answers.length, 1)
    const [{ id, error }] = server.answers
    assert.equal(id, 7)
    assert.equal(error.code, -32600)
    assert.match(heard[0].message, /cannot read/)
  })
}

describe('the era of a server', { concurrency: true }, () => {
  const auto = CLIENTS.find(({ version }) => version === MODERN)

  test('a 404 is a server of the older one', async (t) => {
    const server = await faulty(t, FAULTS[202])
    server.handshake = (exchange) => {
      server.handshake = undefined
      exchange.whole(404)
    }
    const { client } = await connected(t, auto, auto.Ours, server.url)
    assert.equal(client.getNegotiatedProtocolVersion(), LEGACY)
    assert.equal(await text(auto, client, 'good'), 'good')
  })

  const outages = {
    'an outage': [FAULTS[503], /HTTP 503/],
    'a reset': [FAULTS['a reset'], /connection was lost/],
    'a page of some proxy': [FAULTS['a page of some proxy'], /unusable reply/],
    silence: [FAULTS['no head'], /timed out/, { timing }],
  }
  for (const [name, [fault, message, options]] of Object.entries(outages)) {
    test(`${name} is no verdict`, async (t) => {
      const server = await faulty(t, FAULTS[202])
      server.handshake = fault
      const error = await rejection(auto.client().connect(new auto.Ours(server.url, options)))
      assert.ok(auto.isError(error))
      assert.match(error.message, message)
      assert.ok(!server.seen.includes('initialize'))
    })
  }
})

// Beside ours: these faults the SDK's own transports leave to the timeout of the SDK, which is a minute by default.
const HANGING = [
  '202',
  'a reset within the stream',
  'a resume that is refused',
  'a resume that is silent',
  'a stream that ends without the answer',
  'a stream without a byte',
  'an answer to another request',
  'an answer to another request, on a stream',
  'half a body',
  'keep-alives for ever',
  'no head',
  'progress of another call, for ever',
  'resumes without anything',
]

describe("where the SDK's own transport waits for the timeout", { concurrency: true }, () => {
  for (const sdk of CLIENTS) {
    const faults = faultsOf(sdk)
    for (const name of HANGING.filter((each) => each in faults)) {
      test(`${sdk.name}: ${name}`, async (t) => {
        const server = await faulty(t, faults[name])
        const { client } = await connected(t, sdk, sdk.Theirs, server.url)
        const error = await rejection(text(sdk, client, 'faulty', {}, { timeout: 1000 }))
        assert.match(error.message, /Request timed out/)
      })
    }
  }
})
