// What the client does with HTTP: connections, TLS, what was sent and what was not, and what is said of errors.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import * as http from 'node:http'
import * as https from 'node:https'
import * as tls from 'node:tls'
import { describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'

import { connect } from 'mcp-sansio'

import { inTime, until } from './client/patience.js'
import { LEGACY, MODERN, polite, Scripted } from './client/server.js'
import { CARRIERS, scripted, Stage } from './client/stage.js'

const key = readFileSync(new URL('client/tls/key.pem', import.meta.url))
const cert = readFileSync(new URL('client/tls/certificate.pem', import.meta.url))

/** A server that speaks TLS with a certificate that nobody knows. */
const secure = (script) =>
  Scripted.start(script, MODERN, { scheme: 'https', listen: (serve) => tls.createServer({ key, cert }, serve) })

describe('https', () => {
  test('with an agent that knows the certificate, and outlives the client', async () => {
    const server = await secure(polite)
    const agent = new https.Agent({ ca: cert, keepAlive: true })
    for (let clients = 1; clients <= 2; clients++) {
      const stage = await Stage.connect(server.url, { agent })
      await (await stage.call('echo')).cameToResult()
      await stage.over()
    }
    assert.equal(server.connections, 1)
    agent.destroy()
    await until(() => server.open === 0)
    await server.close()
  })

  test('with a certificate that nobody knows, nothing is sent', async () => {
    const server = await secure(polite)
    await assert.rejects(connect(server.url), {
      code: 'unreachable',
      execution: 'not_sent',
      message: /self-signed certificate/,
    })
    assert.deepEqual(server.requests, [])
    await server.close()
  })

  test('where none is spoken, nothing is sent', async () => {
    const server = http.createServer(assert.fail).listen(0, '127.0.0.1')
    await once(server, 'listening')
    await assert.rejects(connect(`https://127.0.0.1:${server.address().port}/mcp`), {
      code: 'unreachable',
      execution: 'not_sent',
    })
    server.close()
    await once(server, 'close')
  })
})

describe('what was sent', () => {
  for (const [carrier, carried] of Object.entries(CARRIERS)) {
    test(`a connection that is reset before the response, over ${carrier}`, () => {
      const script = (x) => (x.tool === 'reset' ? x.reset() : polite(x))
      return scripted(script, LEGACY, carried, async (stage) => {
        const failure = await (await stage.call('reset')).failed('connection_lost', 'unknown')
        assert.match(failure.message, /ECONNRESET|closed|socket hang up/)
        await (await stage.call('echo')).cameToResult()
      })
    })

    test(`a body that is cut off, over ${carrier}`, () => {
      const script = (x) => {
        if (x.tool !== 'cut') return polite(x)
        x.isReusable = false
        return x.send('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"jsonrpc"')
      }
      return scripted(script, LEGACY, carried, async (stage) => {
        const failure = await (await stage.call('cut')).failed('connection_lost', 'unknown')
        assert.match(failure.message, /closed/)
      })
    })

    for (const [what, bytes] of [
      ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
      ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: foo\r\nconnection: upgrade\r\n\r\n'],
      ['a head without end', `HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(100_000)}\r\n\r\n`],
      ['half a head', 'HTTP/1.1 200 OK\r\ncontent-ty'],
      ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'],
    ]) {
      test(`an answer that is ${what}, over ${carrier}`, () => {
        const script = (x) => {
          if (x.tool !== 'odd') return polite(x)
          x.isReusable = false
          return x.send(bytes)
        }
        return scripted(script, LEGACY, carried, async (stage) => {
          const outcome = await (await stage.call('odd')).outcome()
          assert.equal(outcome.type, 'failure')
          assert.equal(outcome.failure.execution, 'unknown')
          await (await stage.call('echo')).cameToResult()
        })
      })
    }
  }

  test('a kept connection that turns out to be dead: perhaps', async () => {
    let isOver = false
    const script = (x) => (x.tool && isOver ? x.reset() : polite(x))
    await scripted(script, LEGACY, {}, async (stage) => {
      await (await stage.call('echo')).cameToResult()
      isOver = true
      await (await stage.call('echo')).failed('connection_lost', 'unknown')
    })
  })

  test('the wrong agent: nothing, and it says so', async () => {
    const server = await Scripted.start()
    await assert.rejects(connect(server.url, { agent: new https.Agent() }), {
      execution: 'not_sent',
      message: /Protocol "http:" not supported/,
    })
    await server.close()
  })

  test('each address that was tried is told', async () => {
    const addresses = [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.2', family: 4 },
    ]
    const agent = new http.Agent({ lookup: (_host, _options, done) => done(null, addresses), autoSelectFamily: true })
    const server = await Scripted.start()
    const { port } = new URL(server.url)
    await server.close()
    await assert.rejects(connect(`http://both.test:${port}/mcp`, { agent }), {
      execution: 'not_sent',
      message: /connect ECONNREFUSED 127\.0\.0\.1.*connect ECONNREFUSED 127\.0\.0\.2/,
    })
  })
})

describe('connections', () => {
  test('an agent with one: exchanges take turns', () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    return scripted(polite, MODERN, { agent }, async (stage, server) => {
      const calls = Array.from({ length: 5 }, () => stage.start('echo'))
      for (const call of calls) await call.cameToResult()
      assert.equal(server.connections, 1)
      await stage.close()
      assert.equal(server.open, 1) // it is the application's
      agent.destroy()
    })
  })

  test('none is kept for longer than the server says', () => {
    const script = (x) => {
      if (!x.tool) return polite(x)
      return x.json(x.says(x.params.arguments.text), '200 OK', { 'keep-alive': 'timeout=2' })
    }
    return scripted(script, MODERN, {}, async (stage, server) => {
      await (await stage.call('echo')).cameToResult()
      await until(() => server.open === 0)
      await (await stage.call('echo')).cameToResult()
    })
  })

  test('one that ended while the process was busy is not used', async () => {
    const thread = new Worker(new URL('client/closing-server.js', import.meta.url))
    const [url] = await inTime(once(thread, 'message'), 'the server')
    const stage = await Stage.connect(url)
    for (let i = 0; i < 3; i++) {
      await (await stage.call('echo')).cameToResult()
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500) // computing, say
    }
    await (await stage.call('echo')).cameToResult()
    await stage.over()
    await thread.terminate()
  })

  test('an exchange that is given up has its connection closed, in each of its states', async () => {
    const states = {
      headless: (x) => x.hold(),
      streaming: (x) => {
        x.stream()
        return x.hold()
      },
    }
    const script = (x) => (states[x.tool] ?? polite)(x)
    await scripted(script, MODERN, {}, async (stage, server) => {
      for (const tool of Object.keys(states)) {
        const controller = new AbortController()
        const call = stage.start(tool, { signal: controller.signal })
        await until(() => server.requests.some((x) => x.tool === tool))
        controller.abort()
        await call.failed('cancelled', 'unknown')
      }
      await until(() => server.left.length === 2)
    })
  })
})

describe('another fetch', () => {
  const answer = (body, init) => async () => new Response(body, init)
  const url = 'http://server.test/mcp'
  const timing = { handshake: 20_000 }

  test('is called as such, without redirects', async () => {
    const given = []
    const fetch = function (input, init) {
      assert.equal(this, undefined)
      given.push([input, init])
      return globalThis.fetch(input.replace('http://server.test', origin), init)
    }
    const server = await Scripted.start(polite, MODERN)
    const { origin } = new URL(server.url)
    const client = await connect(url, { fetch })
    await client.callTool('echo')
    await client.close()
    for (const [input, init] of given) {
      assert.equal(input, url)
      assert.equal(init.redirect, 'manual')
      assert.ok(init.signal instanceof AbortSignal)
    }
    await server.close()
  })

  const causes = new Error('outer', { cause: new Error('inner') })
  for (const { what, fetch, message = /./ } of [
    { what: 'throws', fetch: () => assert.fail('no net'), message: /no net/ },
    { what: 'rejects with its causes', fetch: () => Promise.reject(causes), message: /outer: inner/ },
    { what: 'rejects without a word', fetch: () => Promise.reject(new Error()), message: /says nothing/ },
    { what: 'gives what is no response', fetch: async () => 7 },
    { what: 'gives no body', fetch: answer(null, { status: 200 }) },
    { what: 'was redirected in a browser', fetch: async () => ({ type: 'opaqueredirect' }), message: /redirected/ },
  ]) {
    test(`that ${what}`, async () => {
      await assert.rejects(inTime(connect(url, { fetch, timing })), (error) => {
        assert.equal(error.name, 'CallFailed')
        assert.equal(error.execution, 'unknown')
        assert.match(`${error.message} ${JSON.stringify(error.story)}`, message)
        return true
      })
    })
  }
})
