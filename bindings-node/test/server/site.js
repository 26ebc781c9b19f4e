// Apps under test, and answers as tests read them: of `app.fetch` itself, or of a server on a socket.
import assert from 'node:assert/strict'

import { App } from 'mcp-sansio'

import { Events, initialize, inSession, LEGACY, modern, notification, posting } from './wire.js'

export const WHO = { name: 'tests', version: '1.0', capabilities: { tools: { listChanged: true }, logging: {} } }

// Nothing takes so long, unless it hangs. In milliseconds.
export const PATIENCE = 30_000

/** Fails if a promise does not settle. */
export const within = async (promise) => {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('it hangs')), PATIENCE)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

export const sleep = (milliseconds) => new Promise((resolve) => void setTimeout(resolve, milliseconds))

/** Waits for what must become true. */
export const until = async (condition) => {
  const end = performance.now() + PATIENCE
  for (let met; !(met = await condition()); await sleep(2)) {
    if (performance.now() > end) assert.fail(`it does not come: ${condition}`)
    if (met) return
  }
}

/** An event that a test and its handlers wait for. */
export const event = () => {
  let set
  const isSet = new Promise((resolve) => (set = resolve))
  return Object.assign(isSet, { set })
}

/** A result of a tool. */
export const text = (said) => ({ content: [{ type: 'text', text: said }] })

/** A response that begins, or will. */
export class Answer {
  #response
  #leave
  #reader
  #events = new Events()
  #messages = []
  #decoder = new TextDecoder()

  constructor(response, leave) {
    this.#response = response
    this.#leave = leave
    response.catch(() => {}) // whoever looks finds out
  }

  get response() {
    return within(this.#response)
  }

  get status() {
    return this.response.then((response) => response.status)
  }

  get cursor() {
    return this.#events.cursor
  }

  async header(name) {
    return (await this.response).headers.get(name)
  }

  async text() {
    return within((await this.response).text())
  }

  async json() {
    const body = await this.text()
    assert.equal(await this.header('content-length'), String(Buffer.byteLength(body)))
    return JSON.parse(body)
  }

  /** The next message of a stream; undefined at its end. */
  async message() {
    this.#reader ??= (await this.response).body.getReader()
    while (this.#messages.length === 0) {
      const { done, value } = await within(this.#reader.read())
      if (done) return undefined
      this.#messages.push(...this.#events.feed(this.#decoder.decode(value, { stream: true })))
    }
    return this.#messages.shift()
  }

  /** The response to the request, in whatever way it comes. */
  async answer() {
    if ((await this.header('content-type')) === 'application/json') return this.json()
    for (let message; (message = await this.message());) {
      if (!('method' in message)) return message
    }
    return assert.fail('the stream ended without an answer')
  }

  /** The client goes, as those do that do not wait. */
  leave() {
    void this.#reader?.cancel().catch(() => {})
    this.#leave()
  }
}

/** Where requests can be sent; `carry(method, headers, body, signal)` resolves with a Response. */
export class Site {
  app
  #carry
  #logged = []
  #left = []

  constructor(app, logged, carry) {
    this.app = app
    this.#logged = logged
    this.#carry = carry
  }

  send(method, headers = {}, body, options) {
    const leaving = new AbortController()
    const response = this.#carry(method, headers, body, leaving.signal, options)
    const answer = new Answer(response, () => leaving.abort())
    this.#left.push(answer)
    return answer
  }

  post(message, session, options) {
    return this.send('POST', posting(message, session), JSON.stringify(message), options)
  }

  /** Posts a request as clients of 2026-07-28 do. */
  modern(message, options) {
    return this.post(modern(message), undefined, options)
  }

  /** Begins a session, and gives its id on the wire. */
  async session(options) {
    const answer = this.post(initialize(), undefined, options)
    assert.equal((await answer.json()).result.protocolVersion, LEGACY)
    const session = await answer.header('mcp-session-id')
    const accepted = this.post(notification('notifications/initialized'), session, options)
    assert.deepEqual([await accepted.status, await accepted.text()], [202, ''])
    return session
  }

  async delete(session) {
    const answer = this.send('DELETE', inSession(session))
    assert.equal(await answer.text(), '')
    return answer.status
  }

  /** What was logged as an error or a warning; it is not looked at again. */
  logged() {
    return this.#logged.splice(0).map(([level, sentence, error]) => `${level}: ${sentence} ${error ?? ''}`)
  }

  /** The clients go; the app ends, and leaves nothing behind. */
  async end() {
    for (const answer of this.#left) answer.leave()
    await within(this.app.close(0))
    const { bytes, calls, exchanges, obligations } = this.app.inspect()
    assert.deepEqual({ bytes, calls, exchanges, obligations }, { bytes: 0, calls: [], exchanges: [], obligations: [] })
    assert.equal(this.app.sessions.size, 0)
    assert.deepEqual(this.logged(), [])
  }
}

/** An app that logs to the test, and what it logged. */
export const logging = (handler, options = {}) => {
  const logged = []
  const log = (level, ...said) => {
    if (level !== 'debug') logged.push([level, ...said])
  }
  return { app: new App(WHO, handler, { log, ...options }), logged }
}

/** Runs a test against `app.fetch`, without any socket. */
export const site = async (handler, options, run) => {
  const { app, logged } = logging(handler, options)
  const here = new Site(app, logged, (method, headers, body, signal, serving) => {
    const init = { method, headers, body, signal, ...(body instanceof ReadableStream && { duplex: 'half' }) }
    return app.fetch(new Request('http://localhost/mcp', init), serving)
  })
  // Nothing else keeps the process alive.
  const awake = setInterval(() => {}, 1000)
  try {
    await run(here)
    await here.end()
  } finally {
    clearInterval(awake)
  }
}
