// The app under the HTTP servers and frameworks that people use, over sockets.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { PeerError } from 'mcp-sansio'

import { hosted, HOSTS } from './server/hosts.js'
import { event, sleep, text, until } from './server/site.js'
import { call, initialize, inSession, modern, posting, request, standing } from './server/wire.js'

const doors = new Map()
const door = (name) => doors.get(name) ?? doors.set(name, event()).get(name)

const TOOLS = {
  echo: ({ params }) => params.arguments.text,
  fail: () => {
    throw new Error('hunter2')
  },
  wait: async (asked) => {
    asked.progress(1, undefined, 'waiting')
    await door(asked.params.arguments.door)
    return 'waited'
  },
  open: ({ params }) => {
    door(params.arguments.door).set()
    return 'opened'
  },
  sleep: async (asked) => {
    asked.progress(0)
    await new Promise((resolve) => void asked.signal.addEventListener('abort', resolve))
    return 'slept'
  },
  sample: async (asked) => (await asked.ask('sampling/createMessage', { messages: [] })).content.text,
  book: async (asked) => {
    const form = { message: 'How many?', requestedSchema: { type: 'object', properties: {} } }
    return `${(await asked.input('seats', 'elicitation/create', form)).content.seats} seats`
  },
  flood: async (asked) => {
    for (;;) {
      asked.progress(0, 1, 'x'.repeat(100_000))
      await sleep(1)
      if (asked.withdrawn) return 'flooded'
    }
  },
}

const handle = async (asked) => {
  const tool = asked.method === 'tools/call' && TOOLS[asked.params.name]
  if (!tool) throw new PeerError(-32601, `${asked.method} is not there`)
  return text(await tool(asked))
}

const said = ({ result }) => result.content[0].text

for (const kind of Object.keys(HOSTS)) {
  const here = (name, run, options = {}) => test(`${kind}: ${name}`, () => hosted(kind, handle, options, run))

  here('answers that come at once are JSON', async (site) => {
    const session = await site.session()
    assert.equal(said(await site.post(call('echo', { text: 'grüße' }), session).json()), 'grüße')
    assert.equal(said(await site.modern(call('echo', { text: 'hi' })).json()), 'hi')
    assert.equal((await site.post(call('fail'), session).json()).error.code, -32603)
    assert.equal(site.logged().length, 1)
    const missing = site.modern(request('tools/none'))
    assert.deepEqual([await missing.status, (await missing.json()).error.code], [404, -32601])
  })

  here('progress comes before the answer is made', async (site) => {
    const session = await site.session()
    const answer = site.post(call('wait', { token: 't', door: `${kind} 1` }), session)
    assert.equal((await answer.message()).params.message, 'waiting')
    assert.equal(said(await site.post(call('open', { id: 2, door: `${kind} 1` }), session).json()), 'opened')
    assert.equal(said(await answer.message()), 'waited')
    assert.equal(await answer.message(), undefined)
  })

  here('a connection that breaks is resumed', async (site) => {
    const session = await site.session()
    const answer = site.post(call('wait', { id: 4, token: 't', door: `${kind} 2` }), session)
    assert.ok(await answer.message())
    answer.leave()
    await until(() => site.app.inspect().exchanges.length === 0)
    assert.equal(said(await site.post(call('open', { id: 5, door: `${kind} 2` }), session).json()), 'opened')
    const resumed = site.send('GET', standing(session, answer.cursor))
    const message = await resumed.message()
    assert.deepEqual([message.id, said(message)], [4, 'waited'])
    assert.equal(await resumed.message(), undefined)
  })

  here('a client that leaves aborts its request', async (site) => {
    const streaming = site.modern(call('sleep', { token: 't' }))
    assert.ok(await streaming.message())
    // One that has seen nothing yet, and one whose stream is silent.
    const waiting = site.modern(call('sleep'))
    await until(() => site.app.inspect().obligations.length === 2)
    waiting.leave()
    await until(() => site.app.inspect().obligations.length === 1)
    streaming.leave()
    await until(() => site.app.inspect().obligations.length === 0)
    assert.deepEqual(site.app.inspect().exchanges, [])
  })

  here('the client is asked', async (site) => {
    const session = await site.session()
    for (const [tool, result, expected] of [
      ['sample', { content: { type: 'text', text: 'sure' } }, 'sure'],
      ['book', { action: 'accept', content: { seats: 2 } }, '2 seats'],
    ]) {
      const answer = site.post(call(tool), session)
      const { id } = await answer.message()
      const reply = site.post({ jsonrpc: '2.0', id, result }, session)
      assert.deepEqual([await reply.status, await reply.text()], [202, ''])
      assert.equal(said(await answer.message()), expected)
    }
  })

  here('a session is deleted', async (site) => {
    const session = await site.session()
    const stream = site.send('GET', standing(session))
    assert.equal(await stream.status, 200)
    assert.equal(await site.delete(session), 200)
    assert.equal(await stream.message(), undefined)
    assert.equal(await site.post(call('echo', { text: 'hi' }), session).status, 404)
  })

  here(
    'what is refused',
    async (site) => {
      for (const [changed, status] of [
        [{ origin: 'https://evil.example' }, 403],
        [{ accept: 'text/html' }, 406],
      ]) {
        const message = initialize()
        const refused = site.send('POST', { ...posting(message), ...changed }, JSON.stringify(message))
        assert.equal(await refused.status, status)
        await refused.text()
      }
      const large = site.post(call('echo', { text: 'x'.repeat(60_000) }), await site.session())
      assert.equal(await large.status, 413)
      await large.text()
      assert.ok(await site.session())
    },
    { limits: { body: 50_000 } },
  )

  here(
    'a reader that does not read is cut off, and sees it',
    async (site) => {
      const slow = site.modern(call('flood', { token: 't' }))
      assert.equal(await slow.status, 200)
      await until(() => site.app.inspect().obligations.length === 0)
      for (const line of site.logged()) assert.match(line, /dropped: its reader is too slow/)
      if (kind === 'node:http2') return // how its client says so is tested with raw streams
      await assert.rejects(slow.text())
    },
    { timing: { stall: 200 } },
  )

  here('the end gives requests their grace', async (site) => {
    const session = await site.session()
    const stream = site.send('GET', standing(session))
    assert.equal(await stream.status, 200)
    const listening = site.modern(request('subscriptions/listen', { notifications: {} }))
    assert.ok(await listening.message())
    const slow = [
      site.post(call('wait', { token: 't', door: `${kind} 3` }), session),
      site.modern(call('wait', { token: 't', door: `${kind} 3` })),
    ]
    for (const answer of slow) assert.ok(await answer.message())
    const ended = site.app.close(600_000)
    // Each ends as it should: no stream is cut off.
    assert.equal(await stream.message(), undefined)
    while (await listening.message());
    const late = site.modern(call('echo', { text: 'late' }))
    assert.equal(await late.status, 503)
    door(`${kind} 3`).set()
    assert.deepEqual(await Promise.all(slow.map(async (answer) => said(await answer.answer()))), ['waited', 'waited'])
    await ended
    assert.equal(await site.send('POST', inSession(session)).status, 503)
  })

  here('two hundred requests leave nothing behind', async (site) => {
    const session = await site.session()
    for (let id = 2; id < 102; id++) {
      const message = call('echo', { id, text: 'hi' })
      const [one, other] = [site.post(message, session), site.post(modern(message))]
      assert.equal(said(await one.json()), 'hi')
      assert.equal(said(await other.json()), 'hi')
    }
    await until(() => site.app.inspect().exchanges.length === 0)
    assert.equal(site.app.inspect().obligations.length, 0)
  })
}
