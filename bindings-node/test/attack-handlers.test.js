// The server under handlers that do what they should not: their client gets an answer, and the log a sentence.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { App, ConfigError, PeerError } from 'mcp-sansio'

import { messagesOf, overFetch, overNode, requestOf } from './attack/clients.js'
import { settled, withoutWarnings } from './attack/watch.js'

const PATIENCE = 20_000
const identity = { name: 'attacked', version: '1', capabilities: { tools: {} } }
const modern = (tool, id = 1) => requestOf({ does: 'post', era: 'modern', tool, body: 'whole' }, id)
const stays = { leaves: 'never' }

const apps = (handler, options) => {
  const logged = []
  const app = new App(identity, handler, { log: (...said) => logged.push(said), ...options })
  return { app, logged }
}

const asked = async (app, request) => {
  const { value, error } = await settled(overFetch(app.fetch, request, stays), PATIENCE, 'a request')
  assert.equal(error, undefined)
  const answers = messagesOf(value.text).filter((said) => 'result' in said || 'error' in said)
  assert.equal(answers.length, 1, value.text)
  return { ...value, answer: answers[0] }
}

const circular = {}
circular.self = circular

// oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
const thenable = () => ({ then: () => assert.fail('mine') })

for (const [what, handler, code] of [
  ['throws nothing', () => Promise.reject(), -32603],
  ['throws null', () => Promise.reject(null), -32603],
  ['throws a symbol', () => Promise.reject(Symbol('s')), -32603],
  ['throws an error that cannot be shown', () => Promise.reject(unshowable()), -32603],
  ['throws an error of the peer without a code', () => Promise.reject(new PeerError()), -32603],
  ['throws an error of the peer whose data JSON cannot say', () => Promise.reject(new PeerError(1, 'no', 1n)), -32603],
  ['gives a symbol', () => Symbol('s'), -32603],
  ['gives a function', () => () => {}, -32603],
  ['gives a circle', () => circular, -32603],
  ['gives what throws when it is written', () => ({ toJSON: () => assert.fail('mine') }), -32603],
  ['gives a thenable that throws', thenable, -32603],
  ['fails twice', (request) => [request.fail(1, 'first'), request.fail(2, 'second')], 1],
  ['fails, and then gives something', (request) => [request.fail(1, 'first')], 1],
  [
    'fails with a code that is none, and goes on',
    (request) => caught(() => request.fail('word', 'no')) ?? {},
    undefined,
  ],
  ['responds with what JSON cannot say', (request) => request.respond(1n), -32603],
  ['notifies with what JSON cannot say', (request) => request.notify('notifications/message', { n: 1n }), -32603],
  ['notifies about nothing', (request) => request.notify(undefined), -32603],
  ['asks for nothing', (request) => request.ask(), -32603],
  ['asks with a signal that is none', (request) => request.ask('roots/list', {}, { signal: {} }), -32603],
  ['reports progress that is none', (request) => request.progress(NaN), undefined],
  ['releases its connection with a time that is none', (request) => request.releaseConnection('soon'), -32603],
]) {
  test(`a handler that ${what}: its client is answered, and so is the next`, async () => {
    const { app } = apps((request) => (request.params.name === 'bad' ? handler(request) : {}))
    const { answer } = await asked(app, modern('bad'))
    assert.equal(answer.id, 1)
    assert.equal(answer.error?.code, code)
    const next = await asked(app, modern('good', 2))
    assert.deepEqual(Object.keys(next.answer), ['jsonrpc', 'id', 'result'])
    assert.deepEqual(app.inspect().obligations, [])
    await settled(app.close(0), PATIENCE, 'close')
  })
}

const unshowable = () =>
  new Proxy(new Error('hidden'), {
    get: () => {
      throw new Error('a trap')
    },
  })

const caught = (act) => {
  try {
    act()
  } catch (error) {
    assert(error instanceof TypeError)
  }
}

for (const [what, session] of [
  ['returns at once', () => {}],
  ['throws at once', () => assert.fail('mine')],
  ['never reads', () => new Promise(() => {})],
  ['reads twice', (given) => Promise.all([given.run(() => ({})), given.run(() => ({}))])],
  ['leaves its loop', (given) => leaveLoop(given)],
  ['takes requests and forgets them', (given) => forget(given)],
  ['ends its session within a request', (given) => given.run(() => given.end('handler_returned'))],
  ['ends its session for no reason there is', (given) => given.run(() => given.end('tired'))],
]) {
  test(`a session handler that ${what}: each request is answered, or refused`, async () => {
    const { app } = apps({ session }, { timing: { take: 100, answer: 300, head: 5 } })
    const begun = await asked(app, requestOf({ does: 'initialize' }, 1))
    if (begun.session !== null) {
      for (const id of [2, 3]) {
        const { status, answer } = await asked(app, requestOf({ does: 'post', tool: 'x' }, id, begun.session))
        if (status === 200) assert.equal(answer.id, id)
        else assert(status >= 400 && 'error' in answer)
      }
    }
    assert.deepEqual(app.inspect().obligations, [])
    await settled(app.close(0), PATIENCE, 'close')
    assert.equal(app.sessions.size, 0)
  })
}

const leaveLoop = async (session) => {
  for await (const request of session) {
    request.respond({})
    break
  }
  return new Promise(() => {})
}

const forget = async (session) => {
  for await (const _ of session);
}

test('a principal, a log and a recorder that throw: the request is refused or served, and the server goes on', async () => {
  const wrong = () => assert.fail('mine')
  const refusing = apps(() => ({}), { principal: wrong }).app
  const { value } = await settled(overFetch(refusing.fetch, modern('x'), stays), PATIENCE, 'a request')
  assert.equal(value.status, 500)
  const { app } = apps(() => assert.fail('mine'), { log: wrong, record: wrong })
  assert.equal((await asked(app, modern('x'))).answer.error.code, -32603)
  await settled(refusing.close(0), PATIENCE, 'close')
  await settled(app.close(0), PATIENCE, 'close')
})

test('a body that something in front has read, or parsed, or broken', async () => {
  const { app, logged } = apps(() => ({}))
  const { method, headers, body } = modern('x')
  const serve = (request, options) => settled(app.fetch(request, options), PATIENCE, 'a request')
  const made = () => new Request('http://localhost/mcp', { method, headers, body })
  for (const given of [body, JSON.parse(body), Buffer.from(body)]) {
    assert.equal((await serve(made(), { body: given })).value.status, 200)
  }
  const read = made()
  await read.text()
  assert.equal((await serve(read)).value.status, 400)
  assert.match(logged.at(-1)[1], /read before/)
  const locked = made()
  locked.body.getReader()
  for (const [request, options] of [[locked], [made(), { body: circular }], [made(), { body: 1n }]]) {
    const { value, error } = await serve(request, options)
    assert(error instanceof TypeError || value.status >= 400, 'what the host gives in vain is its TypeError')
  }
  await settled(app.close(0), PATIENCE, 'close')
})

test('a response that something else has begun is left alone, and the server goes on', async () => {
  const { app } = apps(() => ({}))
  const server = createServer((request, response) => {
    if (request.url === '/begun') response.writeHead(200).write('{')
    if (request.url === '/ended') response.end('{}')
    app.node(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}`
  for (const path of ['/begun', '/ended']) {
    await settled(overNode(url + path, modern('x'), stays), PATIENCE, path)
  }
  const { value } = await settled(overNode(`${url}/mcp`, modern('x'), stays), PATIENCE, 'the next')
  assert.equal(value.status, 200)
  await settled(app.close(0), PATIENCE, 'close')
  server.closeAllConnections()
  server.close()
})

test('a thousand questions with one signal: no warning; withdrawn requests abort', async () => {
  await withoutWarnings(async () => {
    const controller = new AbortController()
    const { app } = apps(async (request) => {
      const options = { signal: controller.signal }
      const questions = Array.from({ length: 100 }, () => request.ask('roots/list', {}, options).catch(() => {}))
      setImmediate(() => controller.abort())
      await Promise.all(questions)
      return {}
    })
    const { session } = await asked(app, requestOf({ does: 'initialize' }, 1))
    await asked(app, requestOf({ does: 'post', tool: 'x' }, 2, session))
    await settled(app.close(0), PATIENCE, 'close')
  })
})

test('close in the midst of everything, twice, and what comes after', async () => {
  const { app } = apps(async () => {
    await sleep(20)
    return {}
  })
  const requests = Array.from({ length: 50 }, (_, n) => overFetch(app.fetch, modern('x', n), stays))
  await sleep(5)
  const closing = [app.close(1_000), app.close(0), app.close(5)]
  for (const request of requests) {
    const { value } = await settled(request, PATIENCE, 'a request')
    assert(value.status === 200 || value.status === 503, String(value.status))
  }
  for (const closed of closing) assert.equal((await settled(closed, PATIENCE, 'close')).error, undefined)
  const late = await settled(overFetch(app.fetch, modern('x'), stays), PATIENCE, 'a late request')
  assert.equal(late.value.status, 503)
  app.notifyAll('notifications/tools/list_changed')
  for (const grace of [NaN, -1, 'soon', null]) {
    const { error } = await settled(app.close(grace), PATIENCE, 'close')
    assert(error === undefined || error instanceof TypeError)
  }
})

test('an app that cannot be made is told why', () => {
  for (const [who, handler, options] of [
    [identity, undefined],
    [identity, null],
    [identity, 7],
    [identity, {}],
    [identity, { requests: () => {} }],
    [identity, { request: 'echo' }],
    [undefined, () => {}],
    [{}, () => {}],
    [identity, () => {}, { timng: {} }],
    [identity, () => {}, { recording: 'whole' }],
    [identity, { session: () => {} }, { sessions: false }],
  ]) {
    assert.throws(() => new App(who, handler, options), ConfigError)
  }
})
