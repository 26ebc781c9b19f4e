// Inputs of a server's vector.
import { ConfigError, Server } from 'mcp-sansio'

import * as inputs from './inputs.js'
import { Mismatch } from './mismatch.js'
import { Names } from './names.js'
import { identity, settings } from './settings.js'
import { ofServer } from './words.js'

const usual = {
  post: { host: 'localhost', 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  get: { host: 'localhost', accept: 'text/event-stream' },
  delete: { host: 'localhost' },
}
const short = { session: 'mcp-session-id', version: 'mcp-protocol-version', cursor: 'last-event-id' }

/** A server under test. */
export class ServerRole {
  names = new Names()

  constructor({ config, header }) {
    const seed = Buffer.from(header.seed ?? '00'.repeat(32), 'hex')
    this.machine = new Server(identity(config.handshake), settings(config), { seed })
    this.readsAtOnce = header.reader === 'quick'
  }

  drain() {
    const { outputs, deadline } = this.machine.drain()
    return { outputs: outputs.map(ofServer), deadline }
  }

  /** With a quick reader, what was written is taken at once; says whether anything was. */
  followUp(now, outputs) {
    if (!this.readsAtOnce) return false
    const chunks = outputs.filter((output) => output.type === 'chunk')
    for (const { exchange } of chunks) this.machine.written(now, exchange)
    return chunks.length > 0
  }

  /** Does it; gives what the method said of whether there is something to drain. */
  apply(now, given) {
    const { machine, names } = this
    const { id: made } = given
    const filled = names.fill(given)
    const params = inputs.text(filled, 'params')
    switch (given.type) {
      case 'accept':
        return names.checkHandle(
          made,
          machine.accept(now, given.method, inputs.headers(filled.headers), given.principal),
        )
      case 'post':
      case 'get':
      case 'delete':
        return this.#request(now, given, filled)
      case 'take': {
        const taken = machine.take(now, filled.id)
        if (given.taken !== undefined && given.taken !== taken) throw new Mismatch(`take returned ${taken}`)
        return
      }
      case 'respond':
        return machine.respond(now, filled.id, inputs.answer(filled))
      case 'notify':
        return machine.notify(now, filled.to, given.method, params)
      case 'call':
        return names.checkHandle(made, machine.call(now, filled.to, given.method, params, inputs.options(filled)))
      case 'cancel':
        return machine.cancel(now, filled.call, given.reason)
      case 'release_connection':
        return machine.releaseConnection(now, filled.to, given.retry)
      case 'end_session':
        return machine.endSession(now, filled.session, given.reason)
      case 'declare_tools':
        return this.#declareTools(filled)
      case 'shut_down':
        return machine.shutDown(now, given.grace)
      case 'chunk':
        return machine.chunk(now, filled.exchange, inputs.data(filled))
      case 'end':
      case 'gone':
      case 'written':
        return machine[given.type](now, filled.exchange)
      case 'timeout':
        return machine.timeout(now)
      default:
        throw new Error(`no input of a server: ${given.type}`)
    }
  }

  /** A whole request in one line. */
  #request(now, given, filled) {
    const own = filled.headers ?? []
    const replaced = new Set(own.map(([name]) => name))
    const lines = [
      ...Object.entries(usual[given.type]).filter(([name]) => !replaced.has(name)),
      ...Object.entries(short)
        .filter(([name]) => name in filled)
        .map(([name, header]) => [header, filled[name]]),
      ...own.filter(([, value]) => value !== null),
    ]
    const exchange = this.machine.accept(now, given.type.toUpperCase(), inputs.headers(lines), given.principal)
    const body = given.text ?? inputs.text(filled, 'body')
    if (body !== undefined) {
      this.machine.chunk(now, exchange, Buffer.from(body))
      this.machine.end(now, exchange)
    }
    this.names.checkHandle(given.id, exchange)
  }

  #declareTools(given) {
    let said
    try {
      this.machine.declareTools(inputs.text(given, 'tools') ?? '')
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      said = error.message
    }
    if ((said === undefined) !== (given.error === undefined) || !(said ?? '').includes(given.error ?? '')) {
      throw new Mismatch(`declareTools said ${said}, not ${given.error}`)
    }
  }
}
