// Clients that do what they should not, over raw sockets: half of a request, no reading, leaving, too much at once.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { connect as connectHttp2 } from 'node:http2'
import { test } from 'node:test'

import { hosted } from './server/hosts.js'
import { event, logging, sleep, text, until, within } from './server/site.js'
import { call, initialize, modern, posting } from './server/wire.js'

/** The bytes of a request. */
const bytes = (message, { declared, headers = {}, version = '1.1' } = {}) => {
  const body = JSON.stringify(message)
  const fields = { host: 'localhost', ...posting(message), 'content-length': declared ?? Buffer.byteLength(body) }
  const lines = Object.entries({ ...fields, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return [`POST /mcp HTTP/${version}\r\n${lines.join('')}\r\n`, body]
}

/** A socket to the server, and what came on it. */
const socket = async ({ port }) => {
  const connection = connect(port, '127.0.0.1')
  connection.on('error', () => {})
  await within(once(connection, 'connect'))
  const seen = { text: '', isClosed: false }
  connection.setEncoding('utf8')
  connection.on('data', (data) => (seen.text += data))
  connection.on('close', () => (seen.isClosed = true))
  return Object.assign(connection, { seen, sees: (what) => until(() => seen.text.includes(what)) })
}

/** A tool that says at once that it has begun, and waits until nobody waits for it. */
const patient = () => {
  const began = []
  const handle = async (asked) => {
    began.push(asked)
    if (asked.params.name === 'quick') return text('quick')
    asked.progress(1)
    await new Promise((resolve) => void asked.signal.addEventListener('abort', resolve))
    return undefined
  }
  return { began, handle }
}

const warnings = []
process.on('warning', (warning) => warnings.push(warning.message))

const isIdle = ({ app }) => app.inspect().exchanges.length === 0 && app.inspect().obligations.length === 0

const on = (name, run, options, kind = 'node:http') => {
  const { began, handle } = patient()
  return test(name, () => hosted(kind, handle, options, (here) => run(here, began)))
}

on('a client that vanishes in the midst of its head leaves nothing', async (here) => {
  const client = await socket(here)
  client.write(bytes(initialize())[0].slice(0, 40))
  await sleep(10)
  client.destroy()
  assert.ok(isIdle(here))
})

on('one that vanishes in the midst of its body leaves nothing', async (here) => {
  const [head, body] = bytes(initialize())
  for (const length of [0, 1, body.length - 1]) {
    const client = await socket(here)
    client.write(head + body.slice(0, length))
    await until(() => here.app.inspect().exchanges.length === 1)
    if (length === 1) client.resetAndDestroy()
    else client.destroy()
    await until(() => isIdle(here))
  }
  assert.equal(here.app.sessions.size, 0)
})

on('one that vanishes while its request runs aborts it', async (here, began) => {
  for (const [token, vanish] of [
    [undefined, 'destroy'],
    ['t', 'destroy'],
    ['t', 'resetAndDestroy'],
  ]) {
    const client = await socket(here)
    client.write(bytes(modern(call('slow', { token }))).join(''))
    if (token) await client.sees('notifications/progress')
    else await until(() => began.length)
    client[vanish]()
    await until(() => isIdle(here))
    assert.equal(began.pop().withdrawn, 'gone')
  }
})

on(
  'a body that does not come is refused, and the connection goes on',
  async (here) => {
    const client = await socket(here)
    const [head, body] = bytes(modern(call('quick')))
    client.write(head + body.slice(0, 10))
    await client.sees('HTTP/1.1 408')
    client.write(body.slice(10))
    client.write(bytes(modern(call('quick'))).join(''))
    await client.sees('quick')
    client.destroy()
  },
  { timing: { body: 50 } },
)

on(
  'what is declared too large is refused before it comes, and the connection goes on',
  async (here) => {
    const client = await socket(here)
    client.write(bytes(initialize(), { declared: 100_000 })[0])
    await client.sees('HTTP/1.1 413')
    assert.ok(isIdle(here))
    client.write('x'.repeat(100_000))
    client.write(bytes(modern(call('quick'))).join(''))
    await client.sees('quick')
    client.destroy()
  },
  { limits: { body: 10_000 } },
)

on(
  'what turns out too large is refused, and a client that goes on for ever is closed',
  async (here) => {
    const client = await socket(here)
    const fields = Object.entries({ host: 'localhost', ...posting(initialize()), 'transfer-encoding': 'chunked' })
    client.write(`POST /mcp HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
    const more = setInterval(() => client.write(`1000\r\n${'x'.repeat(4096)}\r\n`), 1)
    try {
      await client.sees('HTTP/1.1 413')
      await until(() => client.seen.isClosed)
    } finally {
      clearInterval(more)
    }
  },
  { limits: { body: 10_000 } },
)

on(
  'a reader that does not read is cut off: it sees no end',
  async (here, began) => {
    const client = await socket(here)
    client.pause()
    client.write(bytes(modern(call('slow', { token: 't' }))).join(''))
    await until(() => began.length)
    const flood = setInterval(() => began[0].progress(0, 1, 'x'.repeat(200_000)), 1)
    await until(() => isIdle(here))
    clearInterval(flood)
    assert.equal(began[0].withdrawn, 'gone')
    client.resume()
    await until(() => client.seen.isClosed)
    assert.match(client.seen.text, /^HTTP\/1.1 200/)
    assert.doesNotMatch(client.seen.text, /\r\n0\r\n\r\n$/) // the last chunk
    for (const line of here.logged()) assert.match(line, /dropped: its reader is too slow/)
  },
  { timing: { stall: 100 } },
)

on(
  'over HTTP/2 too',
  async (here, began) => {
    const connection = connectHttp2(`http://127.0.0.1:${here.port}`)
    const message = modern(call('slow', { token: 't' }))
    const stream = connection.request({ ':method': 'POST', ':path': '/mcp', ...posting(message) })
    const ended = event()
    stream.on('error', (error) => ended.set(error.code))
    stream.end(JSON.stringify(message))
    await within(once(stream, 'response'))
    const flood = setInterval(() => began[0].progress(0, 1, 'x'.repeat(200_000)), 1)
    await until(() => isIdle(here))
    clearInterval(flood)
    stream.resume()
    assert.equal(await within(ended), 'ERR_HTTP2_STREAM_ERROR')
    connection.destroy()
    for (const line of here.logged()) assert.match(line, /dropped: its reader is too slow/)
  },
  { timing: { stall: 100 } },
  'node:http2',
)

on('two requests at once on one connection are answered in turn', async (here, began) => {
  const client = await socket(here)
  const second = modern(call('quick', { id: 2 }))
  client.write(bytes(modern(call('slow', { token: 't' }))).join('') + bytes(second).join(''))
  await until(() => began.length === 2)
  await client.sees('notifications/progress')
  assert.ok(!client.seen.text.includes('quick'))
  here.app.close(0)
  await client.sees('quick')
  const [first, other] = client.seen.text.split('HTTP/1.1 200').slice(1)
  assert.match(first, /"id":1,"error"/)
  assert.match(other, /"id":2,"result"/)
  client.destroy()
})

on('a connection that breaks ends all that wait on it', async (here, began) => {
  const client = await socket(here)
  const slow = (id) => bytes(modern(call('slow', { id, token: 't' }))).join('')
  client.write(Array.from({ length: 20 }, (_, id) => slow(id)).join(''))
  await until(() => began.length === 20)
  client.destroy()
  await until(() => isIdle(here))
  assert.deepEqual(warnings, [])
  for (const { withdrawn } of began) assert.equal(withdrawn, 'gone')
})

on('a client may ask whether it may go on', async (here) => {
  const client = await socket(here)
  const [head, body] = bytes(modern(call('quick')), { headers: { expect: '100-continue' } })
  client.write(head)
  await client.sees('HTTP/1.1 100')
  client.write(body)
  await client.sees('quick')
  client.destroy()
})

on('old clients, without a host or chunks', async (here) => {
  const [nobody, old] = [await socket(here), await socket(here)]
  nobody.write('POST /mcp HTTP/1.0\r\ncontent-length: 0\r\n\r\n')
  await nobody.sees('HTTP/1.1 403')
  old.write(bytes(modern(call('slow', { token: 't' })), { version: '1.0' }).join(''))
  await old.sees('notifications/progress')
  old.destroy()
  await until(() => isIdle(here))
})

on('headers that are not ASCII, and long ones', async (here) => {
  const client = await socket(here)
  const headers = { 'x-name': 'grüße', 'x-long': 'x'.repeat(8000) }
  client.write(Buffer.from(bytes(modern(call('quick')), { headers }).join(''), 'latin1'))
  await client.sees('quick')
  client.destroy()
})

test('a response that something else has begun is not written to, and does not stand still', async () => {
  const { app, logged } = logging(() => text('late'))
  const server = createServer((request, response) => {
    if (request.url === '/ended') response.end('ended')
    else response.writeHead(200).write('begun')
    app.node(request, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address()
  const [ended, begun] = [await socket({ port }), await socket({ port })]
  ended.write('GET /ended HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await ended.sees('ended')
  ended.destroy()
  begun.write('GET /begun HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await until(() => begun.seen.isClosed)
  assert.equal(logged.length, 2)
  assert.deepEqual(app.inspect().exchanges, [])
  server.close()
  await within(app.close(0))
})

on('what is no HTTP does not come here', async (here) => {
  const client = await socket(here)
  client.write('\x16\x03\x01\x02\x00\x01\x00\x01')
  await until(() => client.seen.isClosed)
  assert.ok(isIdle(here))
})
