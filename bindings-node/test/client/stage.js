// The client under test: each scenario sees each of its calls settle, exactly once.
import assert from 'node:assert/strict'

import { connect } from 'mcp-sansio'

import { inTime } from './patience.js'
import { Peer } from './program.js'
import { Scripted } from './server.js'

/** What carries a client. */
export const CARRIERS = { 'node:http': {}, fetch: { fetch } }

// Reconnects follow quickly; what is not the point has time enough on any machine.
const TIMING = { handshake: 20_000, idle: 20_000, max: 25_000, backoff: [50, 1_000], close: 500 }

/** A connected client. */
export class Stage {
  #calls = 0
  #begun = []
  #settled = new Map()

  static async connect(url, settings = {}) {
    const stage = new Stage()
    stage.client = await inTime(
      connect(url, {
        identity: { name: 'tests', version: '1.0', capabilities: { elicitation: {} } },
        onRequest: () => ({ action: 'accept', content: { sure: true } }),
        ...settings,
        record: (lines) => stage.#read(lines),
        timing: { ...TIMING, ...settings.timing },
      }),
      'the handshake',
    )
    return stage
  }

  /** Starts a call of a tool that says what it is told. */
  start(tool, options) {
    this.#calls += 1
    const text = `call ${this.#calls}`
    return new Started(text, this.client.outcome('tools/call', { name: tool, arguments: { text } }, options))
  }

  /** Calls a tool, and sees the call settle. */
  async call(tool, options) {
    const started = this.start(tool, options)
    await started.outcome()
    return started
  }

  close() {
    return inTime(this.client.close(), 'close')
  }

  /** Nothing is held of any call, and each has settled exactly once. */
  async over() {
    assert.deepEqual(this.client.inspect().calls, [])
    await this.close()
    for (const call of this.#begun) assert.equal(this.#settled.get(call), 1, `call ${call} settled not once`)
  }

  #read(lines) {
    for (const line of lines) {
      const { input, output } = JSON.parse(line)
      if (input?.type === 'call' || input?.type === 'connect') this.#begun.push(input.id)
      if (output?.type === 'settled') this.#settled.set(output.call, (this.#settled.get(output.call) ?? 0) + 1)
    }
  }
}

/** A call that was started. */
class Started {
  #text
  #outcome

  constructor(text, outcome) {
    this.#text = text
    this.#outcome = outcome
  }

  /** The outcome, in bounded time. */
  outcome() {
    return inTime(this.#outcome, this.#text)
  }

  /** It must be the answer to this very call. */
  async cameToResult() {
    const outcome = await this.outcome()
    assert.equal(outcome.type, 'result', JSON.stringify(outcome))
    assert.equal(outcome.result.content[0].text, this.#text)
  }

  /** It must be the server's error. */
  async cameToError() {
    const outcome = await this.outcome()
    assert.equal(outcome.type, 'error', JSON.stringify(outcome))
    return outcome.error
  }

  /** It must be a failure of this kind, with its story. */
  async failed(kind, execution) {
    const outcome = await this.outcome()
    assert.equal(outcome.type, 'failure', JSON.stringify(outcome))
    const { failure, story } = outcome
    assert.deepEqual([failure.kind, failure.execution], [kind, execution], failure.message)
    assert.notEqual(story, '')
    return failure
  }
}

const within = async (server, settings, play) => {
  try {
    const stage = await Stage.connect(server.url, settings)
    try {
      await play(stage, server)
    } finally {
      await stage.close()
    }
    await stage.over()
  } finally {
    await server.close()
  }
}

/** A client of a scripted server of this version. */
export const scripted = async (script, version, settings, play) =>
  within(await Scripted.start(script, version), settings, play)

/** A client of a server of the program, started with these arguments. */
export const peer = async (args, settings, play) => within(await Peer.start(...args), settings, play)
