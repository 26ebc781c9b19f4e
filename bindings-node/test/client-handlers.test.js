// The application's own code at the client: its handler of the server's requests, and its authorizer.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { connect, PeerError } from 'mcp-sansio'

import { inTime, until } from './client/patience.js'
import { ERAS, LEGACY, notification, polite, Scripted } from './client/server.js'
import { CARRIERS, peer, scripted, Stage } from './client/stage.js'

const never = () => new Promise(() => {})

/** Asks on the stream of a call, and answers the call with what it is told. */
const questioner = async (x) => {
  if (x.tool === '') return polite(x)
  x.stream()
  x.event({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params: { message: 'sure?' } })
  const answer = () => x.server.requests.find(({ body }) => body.id === 'q')
  while (answer() === undefined && !x.socket.destroyed) await new Promise((resolve) => setTimeout(resolve, 5))
  const { error, result } = answer()?.body ?? {}
  return x.event(x.says(JSON.stringify(error ?? result)))
}

for (const version of ERAS) {
  test(`questions, ${version}`, async () => {
    const asked = []
    const onRequest = (request) => {
      asked.push(request)
      return { action: 'accept', content: { answer: 'forty-two' } }
    }
    await peer(['serve'], { versions: [version, version], onRequest }, async ({ client }) => {
      const result = await client.callTool('ask', { question: 'what?' })
      assert.match(result.content[0].text, /forty-two/)
      assert.deepEqual(
        asked.map(({ method, params }) => [method, params.message]),
        [['elicitation/create', 'what?']],
      )
    })
  })
}

describe('whatever the handler does, the request is answered', () => {
  const failed = { code: -32603, message: 'the handler of this request failed' }
  const thrower = (error) => () => {
    throw error
  }
  const circular = {}
  circular.self = circular
  for (const { what, handler, answer, isLogged = false } of [
    { what: 'gives an object', handler: () => ({ action: 'decline' }), answer: { action: 'decline' } },
    { what: 'waits, and gives', handler: async () => ({ action: 'cancel' }), answer: { action: 'cancel' } },
    { what: 'gives nothing', handler: () => {}, answer: {} },
    {
      what: 'throws an error of its own',
      handler: thrower(new PeerError(-32042, 'ask later', [1])),
      answer: { code: -32042, message: 'ask later', data: [1] },
    },
    { what: 'throws', handler: thrower(new Error('secret')), answer: failed, isLogged: true },
    {
      what: 'rejects with nothing',
      handler: async () => Promise.reject(new Error('no')),
      answer: failed,
      isLogged: true,
    },
    { what: 'gives what JSON cannot say', handler: () => circular, answer: failed, isLogged: true },
    { what: 'gives what JSON leaves out', handler: () => () => {}, answer: failed, isLogged: true },
    {
      what: 'throws an error that is none',
      handler: thrower(new PeerError('no code', 7)),
      answer: failed,
      isLogged: true,
    },
    {
      what: 'throws an error with data that JSON cannot say',
      handler: thrower(new PeerError(-32000, 'mine', circular)),
      answer: failed,
      isLogged: true,
    },
  ]) {
    test(what, () => {
      const logged = []
      const settings = { onRequest: handler, log: (level, sentence) => logged.push([level, sentence]) }
      return scripted(questioner, LEGACY, settings, async ({ client }) => {
        const result = await inTime(client.callTool('ask'))
        assert.deepEqual(JSON.parse(result.content[0].text), answer)
        const expected = isLogged ? [['error', 'the handler of elicitation/create failed']] : []
        assert.deepEqual(logged, expected)
      })
    })
  }

  test('is not there', async () => {
    const server = await Scripted.start(questioner)
    const identity = { name: 'tests', version: '1.0', capabilities: { elicitation: {} } }
    const client = await connect(server.url, { identity })
    assert.match((await client.callTool('ask')).content[0].text, /-32601/)
    await client.close()
    await server.close()
  })
})

test('a handler that thinks for ever is its own call’s business alone', () =>
  scripted(questioner, LEGACY, { onRequest: never }, async (stage, server) => {
    const asking = stage.start('ask')
    await until(() => server.requests.some((x) => x.tool))
    await stage.client.ping()
    await stage.close()
    await asking.failed('closed', 'unknown')
  }))

test('a request that is withdrawn: the handler is told, and its answer is not sent', () => {
  const asked = withResolvers()
  const over = withResolvers()
  const script = async (x) => {
    if (x.tool === '') return polite(x)
    x.stream()
    x.event({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params: { message: 'sure?' } })
    await asked.promise
    x.event(notification('notifications/cancelled', { requestId: 'q' }))
    return x.event(x.says('never mind'))
  }
  const onRequest = (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        over.resolve()
        reject(new Error('late'))
      })
      asked.resolve()
    })
  return scripted(script, LEGACY, { onRequest, log: assert.fail }, async ({ client }, server) => {
    assert.equal((await inTime(client.callTool('ask'))).content[0].text, 'never mind')
    await inTime(over.promise)
    await client.ping()
    assert.ok(!server.requests.some(({ body }) => body.id === 'q'))
  })
})

test('closing tells handlers that nobody waits any more', () => {
  const over = withResolvers()
  const asked = withResolvers()
  const onRequest = (_, { signal }) => {
    signal.addEventListener('abort', over.resolve)
    asked.resolve()
    return never()
  }
  return scripted(questioner, LEGACY, { onRequest }, async (stage) => {
    const asking = stage.start('ask')
    await inTime(asked.promise)
    await stage.close()
    await inTime(over.promise)
    await asking.failed('closed', 'unknown')
  })
})

/** An authorizer whose first token is stale. */
class Tokens {
  asked = []

  constructor(fresh = 'Bearer fresh', token = 'Bearer stale') {
    this.fresh = fresh
    this.token = token
  }

  credentials() {
    if (this.token instanceof Error) throw this.token
    return this.token
  }

  async authorize(refusal) {
    this.asked.push(refusal)
    if (this.fresh instanceof Error) throw this.fresh
    this.token = this.fresh
    return this.fresh !== undefined
  }
}

const guarded = (x) => {
  if (x.headers.authorization === 'Bearer fresh') polite(x)
  else x.respond('401 Unauthorized', '', { 'www-authenticate': 'Bearer scope="mcp"' })
}

for (const [carrier, http] of Object.entries(CARRIERS)) {
  describe(`an authorizer, over ${carrier}`, () => {
    test('gets new credentials, which no record has', async () => {
      const lines = []
      const authorizer = new Tokens()
      const headers = { Authorization: 'Bearer other' }
      const server = await Scripted.start(guarded)
      const record = (more) => lines.push(...more)
      const client = await connect(server.url, { ...http, authorizer, headers, record, recording: 'whole' })
      await client.callTool('echo')
      await client.close()
      await server.close()
      assert.equal(authorizer.asked.length, 1)
      assert.deepEqual(
        authorizer.asked[0].headers.filter(([name]) => name === 'www-authenticate'),
        [['www-authenticate', 'Bearer scope="mcp"']],
      )
      const sent = new Set(server.requests.map((x) => x.headers.authorization))
      assert.deepEqual(sent, new Set(['Bearer stale', 'Bearer fresh']))
      assert.doesNotMatch(lines.join(''), /Bearer (stale|fresh|other)/)
    })

    for (const fresh of [undefined, new Error('secret')]) {
      test(`has nothing: it gives ${fresh}`, async () => {
        const server = await Scripted.start(guarded)
        const authorizer = new Tokens(fresh)
        authorizer.fresh = fresh
        const connecting = connect(server.url, { ...http, authorizer, log: () => {} })
        await assert.rejects(connecting, (error) => {
          assert.equal(error.code, 'unauthorized')
          assert.ok(error.failure.refusal.headers.some(([name]) => name === 'www-authenticate'))
          assert.doesNotMatch(JSON.stringify(error.failure), /secret/)
          return true
        })
        await server.close()
      })
    }

    for (const token of [new Error('secret'), 'Bearer secret\n', 'Bearer secret ✓', 5]) {
      test(`has credentials that cannot be sent: ${JSON.stringify(String(token))}`, async () => {
        const server = await Scripted.start(guarded)
        const connecting = connect(server.url, { ...http, authorizer: new Tokens('Bearer fresh', token) })
        await assert.rejects(connecting, (error) => {
          assert.equal(error.execution, 'not_sent')
          assert.match(error.message, /authorizer/)
          assert.doesNotMatch(`${error.stack} ${JSON.stringify(error.failure)}`, /secret/)
          return true
        })
        assert.deepEqual(server.requests, [])
        await server.close()
      })
    }
  })
}

test('credentials that came by themselves', async () => {
  class Slow extends Tokens {
    authorize(refusal, { signal }) {
      this.asked.push(refusal)
      this.signal = signal
      return never()
    }
  }
  const script = (x) => {
    if (x.tool && x.headers.authorization !== 'Bearer fresh') {
      x.respond('401 Unauthorized', '', { 'www-authenticate': 'Bearer' })
    } else polite(x)
  }
  const authorizer = new Slow()
  const server = await Scripted.start(script)
  const stage = await Stage.connect(server.url, { authorizer })
  const call = stage.start('echo')
  await until(() => authorizer.asked.length === 1)
  authorizer.token = 'Bearer fresh'
  stage.client.credentialsChanged()
  await call.cameToResult()
  await stage.over()
  assert.ok(authorizer.signal.aborted)
  await server.close()
})

function withResolvers() {
  let resolve
  const promise = new Promise((settle) => (resolve = settle))
  return { promise, resolve }
}
