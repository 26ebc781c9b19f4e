// The managed client under applications that do what they should not: it says so to them, and serves all others.
import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'

import { CallFailed, connect, PeerError } from 'mcp-sansio'

import { answered, fetching, staged, streamed } from './attack/stage.js'
import { settled, withoutWarnings } from './attack/watch.js'
import { message, notification } from './promises/peers.js'

const PATIENCE = 20_000
const ends = (promise, what) => settled(promise, PATIENCE, what)
const quiet = () => {}

const nothingOwed = (client) => {
  const { calls, obligations } = client.inspect()
  assert.deepEqual([calls, obligations], [[], []])
}

test('a signal that is none is a TypeError, and no other call suffers', async () => {
  const client = await staged((said) => answered(said))
  for (const signal of [{}, 7, 'abort', () => {}, { aborted: false, addEventListener: quiet }]) {
    const wrong = ends(client.callTool('a', {}, { signal }), 'a call with a bad signal')
    const right = ends(client.callTool('b'), 'a call beside it')
    assert((await wrong).error instanceof TypeError, `it was ${(await wrong).error}`)
    assert.deepEqual((await right).value.content, [])
  }
  nothingOwed(client)
  await ends(client.close(), 'close')
})

test('arguments that JSON cannot say are a TypeError, and nothing is sent', async () => {
  const client = await staged((said) => answered(said))
  const circular = {}
  circular.self = circular
  for (const wrong of [{ n: 1n }, circular]) {
    const { error } = await ends(client.callTool('a', wrong), 'a call')
    assert(error instanceof TypeError)
  }
  for (const wrong of [{ progress: 'loud' }, { idle: 'long' }, { headers: { a: 1 } }]) {
    const { error } = await ends(client.callTool('a', {}, wrong), 'a call')
    assert(error instanceof TypeError, `${JSON.stringify(wrong)}: ${error}`)
  }
  assert.throws(() => client.notify('a', circular), TypeError)
  assert.throws(() => client.notify(7), TypeError)
  nothingOwed(client)
  await ends(client.close(), 'close')
})

test('one signal for a thousand calls: no warning, and no listener is left', async () => {
  const controller = new AbortController()
  await withoutWarnings(async () => {
    const client = await staged((said) => answered(said), { limits: { calls: 2_000 } })
    const calls = Array.from({ length: 1_000 }, () => client.callTool('a', {}, { signal: controller.signal }))
    await ends(Promise.all(calls), 'calls')
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
    await ends(client.close(), 'close')
  })
})

test('an abort in the midst of a thousand calls settles all of them', async () => {
  const controller = new AbortController()
  const client = await staged(() => new Promise(() => {}), { limits: { calls: 2_000 } })
  const calls = Array.from({ length: 1_000 }, () => client.callTool('a', {}, { signal: controller.signal }))
  const reason = new Error('enough')
  setImmediate(() => controller.abort(reason))
  for (const { reason: error } of await Promise.allSettled(calls)) {
    assert.equal(error.code, 'cancelled')
    assert.equal(error.cause, reason)
  }
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
  nothingOwed(client)
  await ends(client.close(), 'close')
})

const withProgress = ({ params, id }) => {
  const { progressToken } = params._meta
  const steps = [1, 2, 3].map((progress) => notification('progress', { progressToken, progress }))
  return streamed([...steps, message(id, { result: { content: [] } })])
}

for (const [how, progress] of [
  ['throws', () => assert.fail('mine')],
  ['rejects', async () => assert.fail('mine')],
]) {
  test(`a progress callback that ${how} rejects its call with that, and no other`, async () => {
    const client = await staged(withProgress, { log: quiet })
    const wrong = ends(client.callTool('a', {}, { progress }), 'the call')
    const right = ends(client.callTool('b', {}, { progress: quiet }), 'the other')
    const { error, value } = await wrong
    // What rejects only after the answer came is logged.
    if (how === 'throws') assert.match(error.message, /mine/)
    else assert(value !== undefined || /mine/.test(error.message))
    assert.deepEqual((await right).value.content, [])
    nothingOwed(client)
    await ends(client.close(), 'close')
  })
}

test('callbacks that use the client in the midst of a step are served', async () => {
  const made = []
  let recorded = 0
  let isConnected = false
  const use = (name) => {
    if (isConnected && made.length < 12) made.push(ends(client.callTool(name), name))
  }
  const client = await staged(withProgressIfAny, {
    onRequest: () => use('of a handler'),
    record: () => {
      recorded += 1
      if (recorded < 40) use('of a recorder')
    },
  })
  isConnected = true
  await ends(client.callTool('a', {}, { progress: () => use('of progress') }), 'the call')
  for (const { error, value } of await Promise.all(made)) assert(value !== undefined, error)
  assert(made.length > 3)
  nothingOwed(client)
  await ends(client.close(), 'close')
})

const withProgressIfAny = (said) =>
  said.params._meta?.progressToken === undefined ? answered(said) : withProgress(said)

test('a recorder that calls once is served, though nothing else happens', async () => {
  let made
  let isConnected = false
  const client = await staged((said) => answered(said), {
    record: (lines) => {
      const isLast = isConnected && lines.some((line) => line.includes('"settled"'))
      if (isLast) made ??= ends(client.callTool('of a recorder'), 'a call of a recorder')
    },
  })
  isConnected = true
  await ends(client.callTool('a'), 'the call')
  assert.deepEqual((await made).value.content, [])
  await ends(client.close(), 'close')
})

test('a client that is closed within its own callbacks closes', async () => {
  const client = await staged(withProgress)
  let closed
  const { error } = await ends(
    client.callTool('a', {}, { progress: () => void (closed ??= client.close()) }),
    'the call',
  )
  assert(error instanceof CallFailed)
  assert.equal(error.code, 'closed')
  await ends(closed, 'close')
  nothingOwed(client)
})

// oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
const thenable = () => ({ then: () => assert.fail('mine') })

for (const [what, onRequest] of [
  ['throws', () => assert.fail('mine')],
  ['rejects', async () => assert.fail('mine')],
  ['gives what JSON cannot say', () => ({ n: 1n })],
  ['gives nothing', quiet],
  ['throws an error of the peer with such data', () => Promise.reject(new PeerError(1, 'no', { n: 1n }))],
  ['throws an error without a code', () => Promise.reject(new PeerError(undefined, undefined))],
  ['throws nothing', () => Promise.reject()],
  ['gives a thenable that throws', thenable],
]) {
  test(`a handler of requests that ${what}: the server gets an answer`, async () => {
    const replied = Promise.withResolvers?.() ?? deferred()
    const client = await connect('http://server.test/mcp', {
      versions: ['2025-11-25', '2025-11-25'],
      timing: { close: 200 },
      onRequest,
      log: quiet,
      fetch: async (url, options) => {
        const said = JSON.parse(options.body || '{}')
        if ('id' in said && !('method' in said)) replied.resolve(said)
        const asked = ({ id }) =>
          streamed([message('mine', { method: 'roots/list' }), message(id, { result: { content: [] } })])
        return fetching(asked)(url, options)
      },
    })
    await ends(client.callTool('a'), 'the call')
    const { value } = await ends(replied.promise, 'the answer to the server')
    assert.equal(value.id, 'mine')
    assert('result' in value || Number.isInteger(value.error.code))
    nothingOwed(client)
    await ends(client.close(), 'close')
  })
}

const deferred = () => {
  const made = {}
  made.promise = new Promise((resolve) => (made.resolve = resolve))
  return made
}

for (const [what, answer] of [
  ['throws', () => assert.fail('mine')],
  ['never answers', () => new Promise(() => {})],
  ['gives no response', () => ({})],
  ['gives null', () => null],
  ['gives a response that is read already', (said) => readResponse(said)],
  ['streams texts instead of bytes', () => bodyOf((controller) => controller.enqueue('text'))],
  ['streams numbers', () => bodyOf((controller) => controller.enqueue(7))],
  ['breaks its stream off with nothing', () => bodyOf((controller) => controller.error())],
  ['gives an opaque redirect', () => ({ type: 'opaqueredirect', status: 0, headers: new Headers() })],
  ['gives a status that is none', () => ({ type: 'basic', status: NaN, headers: new Headers(), body: null })],
  ['gives headers that are none', () => ({ type: 'basic', status: 200, headers: { 'content-type': 7 }, body: null })],
]) {
  test(`a fetch that ${what}: its call fails, and the client goes on`, async () => {
    const client = await staged((said) => (said.params.name === 'bad' ? answer(said) : answered(said)))
    const { error } = await ends(client.callTool('bad'), 'the call')
    assert(error instanceof CallFailed, String(error))
    assert.deepEqual((await ends(client.callTool('good'), 'the next')).value.content, [])
    nothingOwed(client)
    await ends(client.close(), 'close')
  })
}

const readResponse = async (said) => {
  const response = answered(said)
  await response.text()
  return response
}

const bodyOf = (start) =>
  new Response(new ReadableStream({ start }), { headers: { 'content-type': 'text/event-stream' } })

test('readers that nobody reads, or that are left, hold up no call', async () => {
  const flood = ({ id }) => {
    const logs = Array.from({ length: 300 }, (_, n) => notification('message', { level: 'info', data: n }))
    return streamed([...logs, message(id, { result: { content: [] } })])
  }
  const client = await staged(flood)
  const unread = client.notifications()
  client.events()
  for (let n = 0; n < 5; n += 1) assert.deepEqual((await ends(client.callTool('a'), 'a call')).value.content, [])
  assert.equal((await unread.next()).value.method, 'notifications/message')
  const newer = client.notifications()
  await unread.return()
  await ends(client.callTool('a'), 'a call')
  assert.equal((await ends(newer.next(), 'a message')).value.value.method, 'notifications/message')
  const waiting = client.events().next()
  await ends(client.close(), 'close')
  assert.equal((await ends(waiting, 'a reader at close')).value.done, true)
})

test('settings that cannot work reject connect, and nothing is sent', async () => {
  let asked = 0
  const fetch = () => {
    asked += 1
    return Promise.reject(new Error('asked'))
  }
  for (const [url, options] of [
    ['nowhere'],
    ['ftp://server.test'],
    [undefined],
    ['http://server.test', { timng: {} }],
    ['http://server.test', { timing: { idle: NaN } }],
    ['http://server.test', { headers: { 'x\ny': 'z' } }],
    ['http://server.test', { headers: { x: 'a\nb' } }],
    ['http://server.test', { recording: 'whole' }],
    ['http://server.test', { identity: {} }],
  ]) {
    const { error } = await ends(connect(url, { fetch, ...options }), 'connect')
    assert.equal(error?.name, 'ConfigError', `${url} ${JSON.stringify(options)}: ${error}`)
  }
  assert.equal(asked, 0)
})
