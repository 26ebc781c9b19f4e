// Requests and their handlers, without any socket.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { CallFailed, PeerError } from 'mcp-sansio'

import { event, site, sleep, text, until, within } from './server/site.js'
import { call, notification, posting, request, standing } from './server/wire.js'

const forever = () => new Promise(() => {})

test('an answer that comes at once is JSON', () =>
  site(
    ({ params }) => text(params.arguments.text),
    {},
    async (here) => {
      const answer = here.post(call('echo', { id: 7, text: 'grüße' }), await here.session())
      assert.deepEqual(await answer.json(), { jsonrpc: '2.0', id: 7, result: text('grüße') })
      const since = await here.modern(call('echo', { text: 'hi' })).json()
      assert.equal(since.result.content[0].text, 'hi')
    },
  ))

test('handlers may be synchronous, and return nothing', () =>
  site({ request: () => undefined }, {}, async (here) => {
    assert.deepEqual((await here.post(call('any'), await here.session()).json()).result, {})
  }))

test('progress and notifications make it a stream', async () => {
  const go = event()
  const handle = async (asked) => {
    asked.progress(1, 2, 'half')
    asked.notify('notifications/message', { level: 'info', data: 'so far' })
    await go
    return text('done')
  }
  await site(handle, {}, async (here) => {
    const answer = here.post(call('work', { token: 't' }), await here.session())
    const first = await answer.message()
    assert.deepEqual(first.params, { progressToken: 't', progress: 1, total: 2, message: 'half' })
    assert.equal((await answer.message()).params.data, 'so far')
    go.set()
    assert.deepEqual((await answer.message()).result, text('done'))
    assert.equal(await answer.message(), undefined)
    assert.equal(await answer.header('cache-control'), 'no-cache, no-transform')
  })
})

test('progress is told only where it was asked for', () =>
  site(
    (asked) => asked.progress(1),
    {},
    async (here) => {
      assert.deepEqual((await here.post(call('work'), await here.session()).json()).result, {})
    },
  ))

test('a slow answer is a stream that is silent first', async () => {
  const go = event()
  await site(
    () => go,
    { timing: { head: 20 } },
    async (here) => {
      const answer = here.post(call('slow'), await here.session())
      assert.equal(await answer.header('content-type'), 'text/event-stream')
      go.set()
      assert.deepEqual((await answer.message()).result, {})
    },
  )
})

test('a large answer arrives as it was', async () => {
  const long = 'a' + 'ü€😀'.repeat(50_000)
  const handle = (asked) => {
    asked.progress(1)
    return text(long)
  }
  await site(handle, {}, async (here) => {
    const answer = here.post(call('any', { token: 't' }), await here.session())
    assert.equal((await answer.message()).method, 'notifications/progress')
    assert.ok((await answer.message()).result.content[0].text === long)
  })
})

const circle = {}
circle.circle = circle
const unwritable = { 'a circle': circle, 'a BigInt': { n: 1n }, 'a function': () => {}, 'a symbol': Symbol('s') }
for (const [name, result] of Object.entries(unwritable)) {
  test(`${name}, which JSON cannot say, is an error`, () =>
    site(
      () => result,
      {},
      async (here) => {
        const answer = await here.post(call('any'), await here.session()).json()
        assert.deepEqual(answer.error, { code: -32603, message: 'the server could not write its result' })
        assert.match(here.logged().join(), /^error: the result of tools\/call cannot be written as JSON/)
      },
    ))
}

test('a handler that throws answers, and keeps its secrets', () =>
  site(
    ({ method }) => {
      if (method === 'later') return Promise.reject(new Error('hunter2'))
      throw new Error('hunter2')
    },
    {},
    async (here) => {
      const session = await here.session()
      const error = { code: -32603, message: "the server's handler of this request failed" }
      assert.deepEqual((await here.post(request('now'), session).json()).error, error)
      assert.deepEqual((await here.post(request('later'), session).json()).error, error)
      assert.deepEqual((await here.modern(call('any')).json()).error, error)
      const logged = here.logged()
      assert.equal(logged.length, 3)
      for (const line of logged) assert.match(line, /^error: the handler of \S+ failed; .* Error: hunter2/)
    },
  ))

test('what is thrown need not be an error', () =>
  site(
    () => {
      throw undefined
    },
    {},
    async (here) => {
      assert.equal((await here.modern(call('any')).json()).error.code, -32603)
      assert.equal(here.logged().length, 1)
    },
  ))

test('a PeerError answers with its code', () =>
  site(
    ({ method }) => {
      throw new PeerError(-32601, `${method} is not there`, { try: 'tools/list' })
    },
    {},
    async (here) => {
      const answer = await here.post(request('tools/none'), await here.session()).json()
      assert.deepEqual(answer.error, {
        code: -32601,
        message: 'tools/none is not there',
        data: { try: 'tools/list' },
      })
      const since = here.modern(request('tools/none'))
      assert.equal(await since.status, 404)
      assert.equal((await since.json()).error.code, -32601)
    },
  ))

for (const [name, error] of [
  ['whose data JSON cannot say', new PeerError(-1, 'no', 1n)],
  ['whose code is none', new PeerError('x', 'no')],
]) {
  test(`a PeerError ${name} is answered for`, () =>
    site(
      () => {
        throw error
      },
      {},
      async (here) => {
        assert.equal((await here.modern(call('any')).json()).error.code, -32603)
        assert.match(here.logged()[0], /^error: the error of tools\/call cannot be sent/)
      },
    ))
}

test('params that are no object are the mistake of the client', () =>
  site(
    ({ params }) => params,
    {},
    async (here) => {
      const session = await here.session()
      const message = request('any', [1])
      const answer = here.send('POST', posting(message, session), JSON.stringify(message))
      assert.deepEqual((await answer.json()).error, { code: -32602, message: 'params: they are no JSON object' })
    },
  ))

test('a handler finds what belongs to its request', () =>
  site(
    (asked) => ({
      user: asked.http.headers.get('x-user'),
      version: asked.version,
      info: asked.clientInfo,
      can: asked.clientCapabilities,
      text: asked.paramsJson ?? null,
      session: asked.session?.params.clientInfo.name ?? null,
    }),
    {},
    async (here) => {
      const session = await here.session()
      const info = { name: 'raw', version: '1' }
      const can = { sampling: {}, elicitation: {} }
      const answer = here.send(
        'POST',
        { ...posting(request('any'), session), 'x-user': 'ada' },
        JSON.stringify(request('any')),
      )
      const version = '2025-11-25'
      assert.deepEqual((await answer.json()).result, { user: 'ada', version, info, can, text: null, session: 'raw' })
      const { result } = await here.modern(call('any')).json()
      assert.deepEqual([result.version, result.info, result.can, result.session], ['2026-07-28', info, can, null])
      assert.equal(JSON.parse(result.text).name, 'any')
    },
  ))

test('a client that cancels aborts the signal', async () => {
  const [began, aborted] = [event(), event()]
  const handle = (asked) =>
    new Promise((_, reject) => {
      assert.equal(asked.withdrawn, undefined)
      asked.signal.addEventListener('abort', () => {
        aborted.set(asked.withdrawn)
        reject(asked.signal.reason)
      })
      began.set()
    })
  await site(handle, {}, async (here) => {
    const session = await here.session()
    const answer = here.post(call('long', { id: 5 }), session)
    await began
    const notice = here.post(notification('notifications/cancelled', { requestId: 5 }), session)
    assert.equal(await notice.status, 202)
    assert.equal(await within(aborted), 'cancelled')
    assert.equal(await answer.status, 200)
    // That the handler ended for it is no failure.
    await sleep(5)
    assert.deepEqual(here.logged(), [])
  })
})

test('since 2026-07-28 a client that leaves aborts the signal', async () => {
  const why = event()
  const handle = async (asked) => {
    await until(() => asked.withdrawn)
    // It may be asked for late, too.
    asked.signal.throwIfAborted()
  }
  await site(
    (asked) => handle(asked).catch((error) => why.set(`${error.name}: ${error.message}`)),
    {},
    async (here) => {
      const answer = here.modern(call('long'))
      await until(() => here.app.inspect().obligations.length)
      answer.leave()
      assert.equal(await within(why), 'AbortError: nobody waits for the answer to tools/call any more: gone')
    },
  )
})

test('a bug of a handler whose client has left is logged all the same', () =>
  site(
    async (asked) => {
      await until(() => asked.withdrawn)
      throw new TypeError('undefined is not a function')
    },
    {},
    async (here) => {
      const answer = here.modern(call('long'))
      await until(() => here.app.inspect().obligations.length)
      answer.leave()
      let logged = []
      await until(() => (logged = [...logged, ...here.logged()]).length > 0)
      assert.match(logged[0], /TypeError/)
    },
  ))

test('a legacy client that leaves finds its answer when it comes back', async () => {
  const go = event()
  const handle = async (asked) => {
    asked.progress(1)
    await go
    return text('kept')
  }
  await site(handle, {}, async (here) => {
    const session = await here.session()
    const answer = here.post(call('long', { id: 5, token: 't' }), session)
    assert.ok(await answer.message())
    answer.leave()
    await until(() => here.app.inspect().exchanges.length === 0)
    go.set()
    const resumed = here.send('GET', standing(session, answer.cursor))
    const message = await resumed.message()
    assert.deepEqual([message.id, message.result], [5, text('kept')])
    assert.equal(await resumed.message(), undefined)
  })
})

test('a handler releases its connection', async () => {
  const go = event()
  const handle = async (asked) => {
    asked.progress(1)
    asked.releaseConnection(100)
    await go
    return text('polled')
  }
  await site(handle, {}, async (here) => {
    const session = await here.session()
    const answer = here.post(call('long', { token: 't' }), session)
    assert.ok(await answer.message())
    assert.equal(await answer.message(), undefined)
    go.set()
    const resumed = here.send('GET', standing(session, answer.cursor))
    assert.deepEqual((await resumed.message()).result, text('polled'))
  })
})

test('a handler that never settles is answered for', () =>
  site(forever, { timing: { answer: 50 } }, async (here) => {
    assert.equal((await here.modern(call('any')).answer()).error.code, -32603)
    assert.equal((await here.post(call('any'), await here.session()).answer()).error.code, -32603)
  }))

test('the first answer counts', () =>
  site(
    (asked) => {
      asked.respond({ answer: 1 })
      asked.respond({ answer: 2 })
      asked.fail(-1, 'late')
      asked.progress(3)
      return { answer: 3 }
    },
    {},
    async (here) => {
      const session = await here.session()
      assert.deepEqual((await here.post(call('any'), session).json()).result, { answer: 1 })
    },
  ))

test('the client is asked, and answers', async () => {
  const told = []
  const handle = async (asked) => {
    try {
      const params = { messages: [] }
      const answer = await asked.ask('sampling/createMessage', params, { progress: (step) => told.push(step.progress) })
      return text(answer.content.text)
    } catch (error) {
      if (!(error instanceof PeerError)) throw error
      return text(`refused: ${error.message}`)
    }
  }
  await site(handle, {}, async (here) => {
    const session = await here.session()
    for (const [reply, expected] of [
      [{ result: { content: { type: 'text', text: 'sure' } } }, 'sure'],
      [{ error: { code: -1, message: 'no' } }, 'refused: no'],
    ]) {
      const answer = here.post(call('ask'), session)
      const question = await answer.message()
      assert.equal(question.method, 'sampling/createMessage')
      const { progressToken } = question.params._meta
      const progress = notification('notifications/progress', { progressToken, progress: 0.5 })
      assert.equal(await here.post(progress, session).status, 202)
      assert.equal(await here.post({ jsonrpc: '2.0', id: question.id, ...reply }, session).status, 202)
      assert.deepEqual((await answer.message()).result, text(expected))
    }
  })
  assert.deepEqual(told, [0.5, 0.5])
})

test('a question is given up by its signal', async () => {
  const handle = async (asked) => {
    const giveUp = new AbortController()
    setTimeout(() => giveUp.abort(new Error('enough')), 20)
    const asking = asked.ask('sampling/createMessage', { messages: [] }, { signal: giveUp.signal })
    const error = await asking.catch((thrown) => thrown)
    const early = await asked.ask('ping', {}, { signal: giveUp.signal }).catch((thrown) => thrown)
    return { of: [error, early].map(({ code, cause }) => [code, cause.message]) }
  }
  await site(handle, {}, async (here) => {
    const answer = here.post(call('ask'), await here.session())
    const question = await answer.message()
    assert.equal((await answer.message()).params.requestId, question.id)
    const { result } = await answer.message()
    assert.deepEqual(result.of, [
      ['cancelled', 'enough'],
      ['cancelled', 'enough'],
    ])
    assert.deepEqual(here.app.inspect().calls, [])
  })
})

test('what a reader of progress throws ends its question', async () => {
  const handle = async (asked) => {
    const progress = () => {
      throw new Error('no more')
    }
    const error = await asked.ask('sampling/createMessage', { messages: [] }, { progress }).catch((thrown) => thrown)
    return text(error.message)
  }
  await site(handle, {}, async (here) => {
    const session = await here.session()
    const answer = here.post(call('ask'), session)
    const question = await answer.message()
    const { progressToken } = question.params._meta
    await here.post(notification('notifications/progress', { progressToken, progress: 1 }), session).status
    assert.equal((await answer.message()).method, 'notifications/cancelled')
    assert.deepEqual((await answer.message()).result, text('no more'))
  })
})

test('a result of the client that is no object is a BadResult', () =>
  site(
    (asked) => asked.ask('sampling/createMessage', { messages: [] }).catch(({ code }) => ({ code })),
    {},
    async (here) => {
      const session = await here.session()
      const answer = here.post(call('ask'), session)
      const { id } = await answer.message()
      await here.post({ jsonrpc: '2.0', id, result: 7 }, session).status
      assert.deepEqual((await answer.message()).result, { code: 'bad_result' })
    },
  ))

test('nobody can be asked so since 2026-07-28', () =>
  site(
    async (asked) => {
      await assert.rejects(asked.ask('sampling/createMessage', { messages: [] }), CallFailed)
      await asked.ask('sampling/createMessage', { messages: [] })
    },
    {},
    async (here) => {
      const { error } = await here.modern(call('ask')).json()
      // The failure's own sentence.
      assert.notEqual(error.message, "the server's handler of this request failed")
      assert.ok(error.message.length > 20)
    },
  ))

test('input is one handler for both eras', async () => {
  const handle = async (asked) => {
    const form = { message: 'How many?', requestedSchema: { type: 'object', properties: {} } }
    const { content } = await asked.input('seats', 'elicitation/create', form)
    return text(`${content.seats} seats`)
  }
  const accepted = { action: 'accept', content: { seats: 2 } }
  await site(handle, {}, async (here) => {
    const session = await here.session()
    const answer = here.post(call('book'), session)
    const question = await answer.message()
    assert.equal(question.method, 'elicitation/create')
    assert.equal(await here.post({ jsonrpc: '2.0', id: question.id, result: accepted }, session).status, 202)
    assert.deepEqual((await answer.message()).result, text('2 seats'))

    const { result } = await here.modern(call('book')).json()
    assert.equal(result.resultType, 'input_required')
    assert.equal(result.inputRequests.seats.method, 'elicitation/create')
    const again = call('book', { id: 2 })
    again.params.inputResponses = { seats: accepted }
    assert.equal((await here.modern(again).json()).result.content[0].text, '2 seats')
    // What every object has is no answer.
    again.params.inputResponses = { toString: accepted }
    assert.equal((await here.modern(again).json()).result.resultType, 'input_required')
  })
})

test('what changes is told to sessions and subscriptions', () =>
  site(
    () => ({}),
    {},
    async (here) => {
      const session = await here.session()
      const standingStream = here.send('GET', standing(session))
      assert.equal(await standingStream.status, 200)
      const filter = { notifications: { toolsListChanged: true } }
      const listening = here.modern(request('subscriptions/listen', filter))
      assert.ok(await listening.message())
      here.app.notifyAll('notifications/tools/list_changed')
      for (const stream of [standingStream, listening]) {
        assert.equal((await stream.message()).method, 'notifications/tools/list_changed')
      }
      const [only] = here.app.sessions.values()
      only.notify('notifications/message', { level: 'info', data: 'you' })
      assert.equal((await standingStream.message()).params.data, 'you')
    },
  ))

test('what the application says wrongly is its own error, and the client is answered', () =>
  site(
    (asked) => {
      assert.throws(() => asked.notify(7), TypeError)
      assert.throws(() => asked.notify('notifications/message', { n: 1n }), TypeError)
      assert.throws(() => asked.releaseConnection('soon'), TypeError)
      return asked.ask('ping', { n: 1n })
    },
    {},
    async (here) => {
      assert.equal((await here.modern(call('any')).json()).error.code, -32603)
      assert.match(here.logged()[0], /BigInt/)
      assert.throws(() => here.app.notifyAll(undefined), TypeError)
    },
  ))
