// Inputs of a client's vector.
import { Client } from 'mcp-sansio'

import * as inputs from './inputs.js'
import { Names } from './names.js'
import { identity, settings } from './settings.js'
import { ofClient } from './words.js'

/** A client under test. */
export class ClientRole {
  names = new Names()

  constructor({ config, header }) {
    const seed = Buffer.from(header.seed ?? '00'.repeat(32), 'hex')
    const url = config.url ?? 'http://server.test/mcp'
    this.machine = new Client(url, identity(config.handshake), settings(config), { seed })
  }

  drain(room) {
    const { outputs, deadline } = this.machine.drain(room)
    return { outputs: outputs.map(ofClient), deadline }
  }

  /** A client's driver has nothing to say of its own. */
  followUp() {
    return false
  }

  /** Does it; gives what the method said of whether there is something to drain. */
  apply(now, given) {
    const { machine } = this
    switch (given.type) {
      case 'connect':
        return this.names.checkHandle(given.id, machine.connect(now))
      case 'call':
        return this.names.checkHandle(
          given.id,
          machine.call(now, given.method, inputs.text(given, 'params'), inputs.options(given)),
        )
      case 'listen':
        return this.names.checkHandle(given.id, machine.listen(now, inputs.text(given, 'params') ?? ''))
      case 'unlisten':
        return machine.unlisten(now, given.listen)
      case 'notify':
        return machine.notify(now, given.method, inputs.text(given, 'params'))
      case 'respond':
        return machine.respond(now, given.id, inputs.answer(given))
      case 'cancel':
        return machine.cancel(now, given.call, given.reason)
      case 'authorize':
        return machine.authorize(now, given.granted)
      case 'close':
        return machine.close(now)
      case 'head':
        return machine.head(now, given.exchange, given.status, inputs.headers(given.headers))
      case 'chunk':
        return machine.chunk(now, given.exchange, inputs.data(given))
      case 'sse_event':
        return machine.sseEvent(now, given.exchange, { event: '', ...given })
      case 'end':
        return machine.end(now, given.exchange)
      case 'failed':
        return machine.failed(now, given.exchange, given.detail ?? '', given.sent !== 'no')
      case 'timeout':
        return machine.timeout(now)
      default:
        throw new Error(`no input of a client: ${given.type}`)
    }
  }
}
