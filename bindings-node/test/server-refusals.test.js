// What is refused, who is told apart, and bodies that do not come as they should. Without any socket.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { event, site, until, within } from './server/site.js'
import { call, initialize, inSession, modern, posting } from './server/wire.js'

const answer = () => ({})
const encoder = new TextEncoder()

for (const [changed, status] of [
  [{ host: 'evil.example' }, 403],
  [{ origin: 'https://evil.example' }, 403],
  [{ origin: 'http://localhost:3000' }, 200],
  [{ 'content-type': 'text/plain' }, 415],
  [{ accept: 'text/html' }, 406],
  [{ 'content-length': '9999999999' }, 413],
  [{ 'mcp-session-id': 'none' }, 200],
]) {
  test(`the head is judged: ${JSON.stringify(changed)} gets ${status}`, () =>
    site(answer, {}, async (here) => {
      const sent = here.send('POST', { ...posting(initialize()), ...changed }, JSON.stringify(initialize()))
      assert.equal(await sent.status, status)
      await sent.text()
    }))
}

test('methods and bodies are judged', () =>
  site(answer, { limits: { body: 1000 } }, async (here) => {
    const session = await here.session()
    const put = here.send('PUT', inSession(session))
    assert.deepEqual([await put.status, await put.header('allow')], [405, 'GET, POST, DELETE'])
    assert.equal(await here.post(call('any', { text: 'x'.repeat(1000) }), session).status, 413)
    assert.equal(await here.send('POST', posting(call('any'), session), '{').status, 400)
    assert.equal(await here.send('POST', posting(call('any'), session)).status, 400)
    assert.equal(await here.post(call('any'), 'unknown').status, 404)
  }))

test('without a host of its own, the URL says who is addressed', async () => {
  await site(answer, { hosts: ['tools.example'] }, async (here) => {
    const head = posting(initialize())
    const body = JSON.stringify(initialize())
    assert.equal(await here.send('POST', { ...head, host: 'tools.example' }, body).status, 200)
    assert.equal(await here.send('POST', head, body).status, 403)
    const request = new Request('https://tools.example/mcp', { method: 'POST', headers: head, body })
    assert.equal((await here.app.fetch(request)).status, 200)
  })
})

test('a session belongs to its principal', async () => {
  const principal = (http) => http.headers.get('x-user')
  await site(answer, { principal }, async (here) => {
    const as = (user, message, session, options) =>
      here.send('POST', { ...posting(message, session), 'x-user': user }, JSON.stringify(message), options)
    const begun = as('ada', initialize())
    const session = await begun.header('mcp-session-id')
    await begun.json()
    assert.equal(await as('ada', call('any'), session).status, 200)
    assert.equal(await as('bob', call('any'), session).status, 404)
    assert.equal(await here.post(call('any'), session).status, 404)
    // What is said with the request goes before.
    assert.equal(await as('bob', call('any'), session, { principal: 'ada' }).status, 200)
    assert.equal(await as('ada', call('any'), session, { principal: null }).status, 404)
  })
})

for (const [name, principal] of [
  [
    'throws',
    () => {
      throw new Error('no keys')
    },
  ],
  ['promises', () => Promise.resolve('ada')],
]) {
  test(`a principal that ${name} refuses`, () =>
    site(answer, { principal }, async (here) => {
      const refused = here.post(initialize())
      assert.deepEqual([await refused.status, await refused.text()], [500, ''])
      assert.match(here.logged()[0], /^error: `principal` failed, so it is not known who asks/)
      assert.deepEqual(here.app.inspect().exchanges, [])
    }))
}

const streamed = (...parts) =>
  new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(encoder.encode(part))
      controller.close()
    },
  })

test('a body comes in pieces', () =>
  site(answer, {}, async (here) => {
    const body = JSON.stringify(modern(call('any')))
    const sent = here.send('POST', posting(modern(call('any'))), streamed(...body))
    assert.ok((await sent.json()).result)
  }))

test('a body that breaks is a client that has left', () =>
  site(answer, {}, async (here) => {
    const body = new ReadableStream({
      pull(controller) {
        controller.error(new Error('reset'))
      },
    })
    assert.equal(await here.send('POST', posting(initialize()), body).status, 499)
    assert.deepEqual(here.app.inspect().exchanges, [])
  }))

test('a body that never ends is refused, and not read on', async () => {
  let isCancelled = false
  await site(answer, { timing: { body: 50 } }, async (here) => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(encoder.encode('{')),
      cancel: () => (isCancelled = true),
    })
    const refused = here.send('POST', posting(initialize()), body)
    assert.equal(await refused.status, 408)
    await refused.json()
  })
  assert.equal(isCancelled, false) // that is for whoever has the connection
})

test('a body that is too large is not read to its end', async () => {
  let pulled = 0
  await site(answer, { limits: { body: 10_000 } }, async (here) => {
    const body = new ReadableStream({
      pull(controller) {
        pulled++
        controller.enqueue(encoder.encode('x'.repeat(1000)))
      },
    })
    assert.equal(await here.send('POST', posting(initialize()), body).status, 413)
  })
  assert.ok(pulled < 20, `${pulled} pieces were read`)
})

test('a client that has left before it is served is not', async () => {
  let isRun = false
  const handle = () => (isRun = true)
  await site(handle, {}, async (here) => {
    const leaving = new AbortController()
    leaving.abort()
    const body = JSON.stringify(modern(call('any')))
    const init = { method: 'POST', headers: posting(modern(call('any'))), body, signal: leaving.signal }
    const response = await within(here.app.fetch(new Request('http://localhost/mcp', init)))
    assert.equal(response.status, 499)
    assert.deepEqual(here.app.inspect().exchanges, [])
  })
  assert.equal(isRun, false)
})

test('bodies that something else has read are taken as they are given', () =>
  site(
    ({ params }) => ({ named: params.name }),
    {},
    async (here) => {
      const message = modern(call('any'))
      const text = JSON.stringify(message)
      for (const body of [message, text, Buffer.from(text)]) {
        const request = new Request('http://localhost/mcp', { method: 'POST', headers: posting(message), body: text })
        await request.text()
        const response = await here.app.fetch(request, { body })
        assert.equal((await response.json()).result.named, 'any')
      }
    },
  ))

test('those that are not given are refused, and the log says why', () =>
  site(answer, {}, async (here) => {
    const message = modern(call('any'))
    const init = { method: 'POST', headers: posting(message), body: JSON.stringify(message) }
    const request = new Request('http://localhost/mcp', init)
    await request.text()
    assert.equal((await here.app.fetch(request)).status, 400)
    assert.match(here.logged()[0], /^warn: the body of a request was read before it came here/)
  }))

test('what is no request is an error of the application', () =>
  site(answer, {}, async (here) => {
    await assert.rejects(async () => here.app.fetch('http://localhost/mcp'), TypeError)
  }))

test('a stream that nobody reads is cut off in time', async () => {
  const go = event()
  const handle = async (asked) => {
    asked.progress(1)
    await go
    return {}
  }
  await site(handle, { timing: { stall: 50 } }, async (here) => {
    const answered = here.modern(call('any', { token: 't' }))
    assert.equal(await answered.status, 200)
    await until(() => here.app.inspect().exchanges.length === 0)
    await assert.rejects(answered.text(), /took nothing of it for too long/)
    // Nobody else notices.
    go.set()
    assert.ok(await here.session())
  })
})
