// How an app is set up, how it ends, and what it leaves behind.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

import { App, ConfigError } from 'mcp-sansio'

import { event, logging, site, text, until, WHO, within } from './server/site.js'
import { call, modern, request, standing } from './server/wire.js'

const answer = () => ({})

test('requests in flight get the grace', async () => {
  const go = event()
  const handle = async () => {
    await go
    return { done: true }
  }
  await site(handle, {}, async (here) => {
    const session = await here.session()
    const slow = [here.post(call('any'), session), here.modern(call('any'))]
    await until(() => here.app.inspect().obligations.length === 2)
    let isEnded = false
    const ended = here.app.close(600_000).then(() => (isEnded = true))
    assert.equal(await here.post(call('late', { id: 3 }), session).status, 503)
    assert.equal(isEnded, false)
    go.set()
    for (const each of slow) assert.ok((await each.answer()).result.done)
    await within(ended)
    assert.equal(await here.modern(call('later')).status, 503)
  })
})

test('requests that need more than the grace get an error', () =>
  site(
    () => new Promise(() => {}),
    {},
    async (here) => {
      const slow = here.modern(call('any'))
      await until(() => here.app.inspect().obligations.length)
      await within(here.app.close(50))
      assert.equal((await slow.answer()).error.code, -32603)
    },
  ))

test('readers that do not read do not hold up the end', () =>
  site(answer, {}, async (here) => {
    const stream = here.send('GET', standing(await here.session()))
    assert.equal(await stream.status, 200)
    here.app.notifyAll('notifications/message', { level: 'info', data: 'x' })
    await within(here.app.close(0))
  }))

test('the end may be asked for twice, and disposes', () =>
  site(answer, {}, async (here) => {
    await within(Promise.all([here.app.close(10), here.app.close(600_000), here.app[Symbol.asyncDispose]()]))
    await within(here.app.close())
  }))

test('it records what happened', async () => {
  const lines = []
  let session
  await site(answer, { record: (more) => lines.push(...more) }, async (here) => {
    session = await here.session()
    await here.post(call('any'), session).json()
  })
  assert.ok(lines.length > 5)
  for (const line of lines) JSON.parse(line)
  assert.ok(!lines.join().includes(session)) // redacted
})

test('a record that breaks stops nobody', async () => {
  let count = 0
  const record = () => {
    if (++count > 2) throw new Error('disk full')
  }
  await site(answer, { record }, async (here) => {
    assert.ok((await here.post(call('any'), await here.session()).json()).result)
    assert.deepEqual(here.logged(), [
      'error: the record cannot be written any more; the server goes on without Error: disk full',
    ])
  })
  assert.equal(count, 3)
})

test('a log that throws stops nobody', async (context) => {
  const said = context.mock.method(console, 'error', () => {})
  const handle = () => {
    throw new Error('hunter2')
  }
  const log = () => {
    throw new Error('disk full')
  }
  await site(handle, { log }, async (here) => {
    assert.equal((await here.modern(call('any')).json()).error.code, -32603)
  })
  const told = said.mock.calls.map(({ arguments: given }) => given.join(' '))
  assert.match(told[0], /^mcp-sansio: the handler of tools\/call failed.*hunter2/)
  assert.match(told[1], /`log`.*disk full/)
})

test('without a log, errors and warnings go to the console', async (context) => {
  const said = context.mock.method(console, 'error', () => {})
  const handle = () => {
    throw new Error('hunter2')
  }
  await site(handle, { log: undefined }, async (here) => {
    assert.equal((await here.modern(call('any')).json()).error.code, -32603)
  })
  assert.equal(said.mock.callCount(), 1)
})

test('declared tools have their headers checked from the first call on', () =>
  site(answer, {}, async (here) => {
    const tool = (name) => ({
      name: 't',
      inputSchema: { type: 'object', properties: { r: { type: 'string', 'x-mcp-header': name } } },
    })
    here.app.declareTools([tool('R')])
    assert.equal(await here.post(modern(call('t', { r: 'x' }))).status, 400)
    assert.throws(() => here.app.declareTools([tool(' ')]), ConfigError)
    assert.throws(() => here.app.declareTools(), TypeError)
    here.app.declareTools([])
    assert.equal(await here.post(modern(call('t', { r: 'x' }))).status, 200)
  }))

test('a thousand requests leave nothing behind', () =>
  site(
    ({ params }) => text(params.name),
    {},
    async (here) => {
      const session = await here.session()
      for (let id = 1; id <= 500; id++) {
        assert.ok((await here.post(call('any', { id }), session).json()).result)
        assert.ok((await here.modern(call('any')).json()).result)
      }
      const { exchanges, obligations, calls } = here.app.inspect()
      assert.deepEqual([exchanges, obligations, calls], [[], [], []])
      assert.equal(await here.delete(session), 200)
      assert.equal(here.app.sessions.size, 0)
    },
  ))

const wrong = {
  'nothing answers': [{}, {}, /nothing answers the requests/],
  'no handlers at all': [undefined, {}, /nothing answers the requests/],
  'a handler that is no function': [{ request: 'handle' }, {}, /request: .* is no function/],
  'a handler of another name': [{ requests: answer }, {}, /requests: handlers are `request` and `session`/],
  'session handlers without sessions': [{ session: answer }, { sessions: false }, /give a `request` handler/],
  'session handlers and only revisions without': [
    { session: answer },
    { versions: ['2026-07-28', '2026-07-28'] },
    /without them/,
  ],
  'a recording that goes nowhere': [answer, { recording: 'whole' }, /give a `record`/],
  'a setting that is none': [answer, { hots: 'any' }, /hots/],
  'a setting that cannot work': [answer, { limits: { body: 'large' } }, /body/],
  'a log that is no function': [answer, { log: 'stderr' }, /log: .* no function/],
  'a record that is no function': [answer, { record: [] }, /record: .* no function/],
  'a principal that is no function': [answer, { principal: 'ada' }, /principal: .* no function/],
}
for (const [name, [handler, options, says]] of Object.entries(wrong)) {
  test(`what cannot work is said at once: ${name}`, () => {
    assert.throws(() => new App(WHO, handler, options), { name: 'ConfigError', code: 'config', message: says })
  })
}

test('an identity is needed', () => {
  assert.throws(() => new App(null, answer), { name: 'ConfigError', message: /identity/ })
})

test('a grace that is none is a TypeError', async () => {
  const { app } = logging(answer)
  for (const grace of [-1, NaN, '5', null]) await assert.rejects(app.close(grace), TypeError)
  await app.close(Infinity)
})

const run = promisify(execFile)
const program = (lines) =>
  run(process.execPath, ['--input-type=module', '--eval', `import { App } from 'mcp-sansio'\n${lines}`], {
    cwd: new URL('..', import.meta.url),
    timeout: 60_000,
  })
const POST = `new Request('http://localhost/mcp', {
  method: 'POST',
  headers: ${JSON.stringify({ 'content-type': 'application/json', accept: 'application/json, text/event-stream' })},
  body: ${JSON.stringify(JSON.stringify(request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } })))},
})`

test('an app by itself does not keep the process alive', async () => {
  const { stdout } = await program(`
    const app = new App({ name: 'a', version: '1' }, () => ({}))
    console.log((await app.fetch(${POST})).status)
  `)
  assert.equal(stdout, '200\n') // with a session, which has its deadline
})

test('but its end does, until it has come', async () => {
  const { stdout } = await program(`
    const app = new App({ name: 'a', version: '1' }, () => new Promise(() => {}))
    const response = await app.fetch(${POST})
    const session = response.headers.get('mcp-session-id')
    const headers = { ...${JSON.stringify({ 'content-type': 'application/json', accept: 'application/json, text/event-stream' })}, 'mcp-session-id': session }
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
    void app.fetch(new Request('http://localhost/mcp', { method: 'POST', headers, body }))
    await app.close(100)
    console.log('ended')
  `)
  assert.equal(stdout, 'ended\n')
})
