/** A client that writes bytes and counts answers: what a server is measured with. */

import { once } from 'node:events'
import { connect } from 'node:net'

import { bodyOf, CALL, headersOf } from './wire.js'

/** Connections on which the same call is made. */
export class Load {
  #connections

  /** So many of them. */
  static async open(url, era, atOnce) {
    const { hostname, port } = new URL(url)
    const request = await requestOf(url, era)
    const load = new Load()
    load.#connections = await Promise.all(
      Array.from({ length: atOnce }, async () => {
        const socket = connect({ host: hostname, port: Number(port), noDelay: true })
        await once(socket, 'connect')
        return new Connection(socket, request)
      }),
    )
    return load
  }

  /** Makes so many calls, on all connections together, on each one after the other. */
  async make(calls) {
    const each = calls / this.#connections.length
    await Promise.all(this.#connections.map((connection) => connection.make(each)))
  }

  close() {
    for (const connection of this.#connections) connection.close()
  }
}

/** A connection on which calls are made one after the other. */
class Connection {
  #socket
  #request
  #left = 0
  #answer = ''
  #done

  constructor(socket, request) {
    this.#socket = socket
    this.#request = request
    socket.setEncoding('latin1')
    socket.on('data', (data) => this.#read(data))
    socket.on('close', () => this.#done?.reject(new Error('the server closed the connection')))
  }

  make(calls) {
    return new Promise((resolve, reject) => {
      this.#left = calls
      this.#done = { resolve, reject }
      this.#socket.write(this.#request)
    })
  }

  close() {
    this.#done = undefined
    this.#socket.destroy()
  }

  #read(data) {
    this.#answer += data
    if (!isWhole(this.#answer)) return
    const isGood = this.#answer.startsWith('HTTP/1.1 200 ') && this.#answer.includes(CALL.arguments.text)
    if (!isGood) return this.#done.reject(new Error(`the server answers ${this.#answer}`))
    this.#answer = ''
    this.#left -= 1
    if (this.#left > 0) this.#socket.write(this.#request)
    else this.#done.resolve()
  }
}

/** Whether a response is there to its end. */
const isWhole = (answer) => {
  const end = answer.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /^content-length: (\d+)/im.exec(answer.slice(0, end))
  return length === null ? answer.endsWith('\r\n0\r\n\r\n') : answer.length >= end + 4 + Number(length[1])
}

/** The call as it stands on the wire. */
const requestOf = async (url, era) => {
  const { host, pathname } = new URL(url)
  const body = bodyOf(era)
  const headers = { host, ...(await headersOf(era, url)), 'content-length': Buffer.byteLength(body) }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}
