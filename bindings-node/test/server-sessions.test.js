// Session handlers: the default loop, one of the application's own, and those that do not do their work.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { McpSession } from 'mcp-sansio'

import { event, site, sleep, until, within } from './server/site.js'
import { call, initialize, notification, posting, request, standing } from './server/wire.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

const ran = () => ({ ran: true })

test('the default loop runs until the client deletes the session', async () => {
  const told = []
  const host = async (session) => {
    told.push(session.params.clientInfo.name, await session.run(ran))
  }
  await site({ session: host }, {}, async (here) => {
    const events = here.app.events()
    const session = await here.session()
    assert.deepEqual((await here.post(call('any'), session).json()).result, { ran: true })
    assert.equal(await here.delete(session), 200)
    await until(() => told.length === 2)
    assert.deepEqual(told, ['raw', 'deleted'])
    assert.equal(await here.post(call('any'), session).status, 404)

    const began = (await events.next()).value
    assert.ok(began.session instanceof McpSession)
    assert.deepEqual([began.type, began.session.isAlive], ['sessionStarted', false])
    const { type, method, params, session: from } = (await events.next()).value
    assert.deepEqual([type, method, params], ['notification', 'notifications/initialized', {}])
    assert.equal(from, began.session)
    assert.deepEqual((await events.next()).value, { type: 'sessionEnded', session: began.session, reason: 'deleted' })
  })
})

test('a loop of its own answers in its own order', async () => {
  const host = async (session) => {
    const requests = session[Symbol.asyncIterator]()
    const [first, second] = await Promise.all([requests.next(), requests.next()])
    second.value.respond('second')
    assert.throws(() => first.value.fail('word', 'no'), TypeError)
    first.value.fail(-32000, 'first', { more: 1 })
    for await (const each of session) each.respond(each.method)
  }
  await site({ session: host }, {}, async (here) => {
    const session = await here.session()
    const first = here.post(call('a', { id: 1 }), session)
    await until(() => here.app.inspect().obligations.length)
    const second = here.post(call('b', { id: 2 }), session)
    assert.equal((await second.json()).result, 'second')
    assert.deepEqual((await first.json()).error, { code: -32000, message: 'first', data: { more: 1 } })
    assert.equal((await here.post(request('third', {}, 3), session).json()).result, 'third')
  })
})

test('a request that is dropped without an answer is answered for', async () => {
  const host = async (session) => {
    const requests = session[Symbol.asyncIterator]()
    while (!(await requests.next()).done);
  }
  await site({ session: host }, {}, async (here) => {
    const answer = here.post(call('any'), await here.session())
    let logged = []
    await until(() => {
      collectGarbage()
      return (logged = [...logged, ...here.logged()]).length > 0
    })
    assert.match(logged[0], /^error: a request \(tools\/call\) was dropped without an answer; .* `respond` or `fail`/)
    assert.equal((await answer.json()).error.code, -32603)
  })
})

test('one that is answered, or kept, is not', async () => {
  const kept = []
  const host = async (session) => {
    for await (const each of session) {
      if (each.method === 'keep') kept.push(each)
      else each.respond()
    }
  }
  await site({ session: host }, {}, async (here) => {
    const session = await here.session()
    const keeping = here.post(request('keep', {}, 1), session)
    for (let id = 2; id < 20; id++) await here.post(request('any', {}, id), session).json()
    for (let round = 0; round < 5; round++) {
      collectGarbage()
      await sleep(1)
    }
    assert.deepEqual(here.logged(), [])
    kept[0].respond({ kept: true })
    assert.deepEqual((await keeping.answer()).result, { kept: true })
  })
})

test('a handler that never reads gives an honest error', () =>
  site({ session: (session) => session.ended }, { timing: { take: 50 } }, async (here) => {
    const answer = here.post(call('any'), await here.session())
    assert.equal(await answer.status, 500)
    const { error } = await answer.json()
    assert.equal(error.code, -32603)
    assert.match(error.message, /no session loop is reading/)
    assert.match(here.logged().join(), /session\.run\(handler\)/)
  }))

test('a handler that returns early ends its session', async () => {
  const go = event()
  await site({ session: () => go }, {}, async (here) => {
    const session = await here.session()
    const answer = here.post(call('any'), session)
    await until(() => here.app.inspect().obligations.length)
    go.set()
    assert.match((await answer.json()).error.message, /session handler returned/)
    assert.equal(await here.post(call('any'), session).status, 404)
    assert.equal(here.app.sessions.size, 0)
    assert.match(here.logged().join(), /returned while its client was still there; .* and 1 unread requests/)
  })
})

test('a handler that is no asynchronous function, and returns at once, ends its session', () =>
  site({ session: () => 'done' }, {}, async (here) => {
    const answer = here.post(initialize())
    assert.ok((await answer.status) >= 200)
    await until(() => here.app.sessions.size === 0)
    assert.match(here.logged().join(), /returned while/)
  }))

test('a handler that throws ends its session', async () => {
  const host = async (session) => {
    for await (const _ of session) throw new Error('hunter2')
  }
  await site({ session: host }, {}, async (here) => {
    const events = here.app.events()
    const session = await here.session()
    const answer = await here.post(call('any'), session).json()
    assert.ok(answer.error)
    assert.doesNotMatch(JSON.stringify(answer), /hunter2/)
    assert.equal(await here.post(call('any'), session).status, 404)
    for await (const each of events) {
      if (each.type !== 'sessionEnded') continue
      assert.equal(each.reason, 'handler_failed')
      break
    }
    assert.match(here.logged().join(), /hunter2/)
  })
})

test('a loop that is left ends nothing', async () => {
  const host = async (session) => {
    for await (const each of session) {
      each.respond('first loop')
      break
    }
    await session.run(() => 'second loop')
  }
  await site({ session: host }, {}, async (here) => {
    const session = await here.session()
    assert.equal((await here.post(call('a'), session).json()).result, 'first loop')
    assert.equal((await here.post(call('b'), session).json()).result, 'second loop')
  })
})

test('a session asks, and is ended by its host', async () => {
  const host = async (session) => {
    for await (const each of session) each.respond(await session.ask('sampling/createMessage', { messages: [] }))
  }
  await site({ session: host }, {}, async (here) => {
    const session = await here.session()
    const stream = here.send('GET', standing(session))
    assert.equal(await stream.status, 200)
    const answer = here.post(call('any'), session)
    const { id } = await stream.message()
    assert.equal(await here.post({ jsonrpc: '2.0', id, result: { model: 'm' } }, session).status, 202)
    assert.deepEqual((await answer.json()).result, { model: 'm' })
    const [alive] = here.app.sessions.values()
    assert.throws(() => alive.end('bored'), TypeError)
    alive.end('evicted')
    assert.equal(await within(alive.ended), 'evicted')
    assert.equal(await stream.message(), undefined)
    assert.equal(await here.post(call('any'), session).status, 404)
  })
})

test('a question to a session that ends fails', async () => {
  const failed = event()
  const host = async (session) => {
    for await (const each of session) {
      each.respond()
      await session.ask('ping').catch((error) => failed.set(error.code))
    }
  }
  await site({ session: host }, {}, async (here) => {
    const session = await here.session()
    await here.post(call('any'), session).json()
    await until(() => here.app.inspect().calls.length)
    await here.delete(session)
    assert.equal(typeof (await within(failed)), 'string')
  })
})

test('a cancelled request is not handed out', async () => {
  const read = event()
  const seen = []
  const host = async (session) => {
    await read
    for await (const each of session) {
      seen.push(each.method)
      each.respond()
    }
  }
  await site({ session: host }, {}, async (here) => {
    const session = await here.session()
    const first = here.post(request('first', {}, 1), session)
    await until(() => here.app.inspect().obligations.length)
    const cancel = here.post(notification('notifications/cancelled', { requestId: 1 }), session)
    assert.equal(await cancel.status, 202)
    assert.ok((await first.json()).error)
    read.set()
    assert.deepEqual((await here.post(request('second', {}, 2), session).json()).result, {})
    assert.deepEqual(seen, ['second'])
  })
})

test('sessions alone are of the first era', async () => {
  await site({ session: (session) => session.run(ran) }, {}, async (here) => {
    const answer = here.modern(call('any'))
    assert.equal(await answer.status, 400)
    assert.ok((await answer.json()).error)
  })
  await site({ request: ran, session: (session) => session.run(() => ({ in: 'session' })) }, {}, async (here) => {
    assert.ok((await here.modern(call('any')).json()).result.ran)
    assert.deepEqual((await here.post(call('any'), await here.session()).json()).result, { in: 'session' })
  })
})

test('the revisions of sessions may be fewer', () =>
  site({ session: (session) => session.run(ran) }, { versions: ['2025-03-26', '2025-06-18'] }, async (here) => {
    const answer = here.post(initialize('2025-11-25'))
    assert.equal((await answer.json()).result.protocolVersion, '2025-06-18')
  }))

test('the end of the server ends the loops', async () => {
  const torn = []
  const host = async (session) => torn.push(await session.run(ran))
  await site({ session: host }, {}, (here) => here.session())
  assert.deepEqual(torn, ['shutdown'])
})

test('a reader of events that is slow finds the newest', () =>
  site(ran, {}, async (here) => {
    const older = here.app.events()
    const events = here.app.events()
    assert.ok((await within(older.next())).done)
    for (let count = 0; count < 150; count++) await here.session()
    // 300 events came, a session and a notification each time, and 256 were kept.
    const first = (await events.next()).value
    assert.equal(first.type, 'sessionStarted')
    assert.ok(first.session.id > Math.min(...here.app.sessions.keys()))
    await events.return()
    assert.ok((await events.next()).done)
  }))

test('what initialize says need not be what it should', async () => {
  const host = async (session) => {
    for await (const each of session) each.respond({ info: each.clientInfo === undefined })
  }
  await site({ session: host }, {}, async (here) => {
    const message = initialize()
    message.params.clientInfo = 7
    const answer = here.send('POST', posting(message), JSON.stringify(message))
    const session = await answer.header('mcp-session-id')
    assert.ok(session)
    assert.deepEqual((await here.post(call('any'), session).json()).result, { info: true })
  })
})
