// The program `mcp-sansio` as a peer: its servers that behave and misbehave, and its reading of records.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { until } from './patience.js'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

let found

/** Where the program is: as `MCP_SANSIO_PROGRAM` says, or built from this repository. */
export const program = () => (found ??= process.env.MCP_SANSIO_PROGRAM ?? built())

const built = () => {
  execFileSync('cargo', ['build', '--quiet', '-p', 'mcp-sansio-cli'], { cwd: ROOT, stdio: 'inherit' })
  return join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug', 'mcp-sansio')
}

/** A server of the program, running: `await Peer.start('serve')`, `await Peer.start('misbehave', 'silent-stream')`. */
export class Peer {
  #process
  #seen = []

  /** @private */
  constructor(process, url) {
    this.#process = process
    this.url = url
    createInterface(process.stderr).on('line', (line) => this.#seen.push(line))
  }

  static async start(...args) {
    const child = spawn(program(), args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const [url] = await Promise.race([
      once(createInterface(child.stdout), 'line'),
      once(child, 'exit').then(([code]) => assert.fail(`${program()} ${args.join(' ')} ended with ${code}`)),
    ])
    return new Peer(child, url)
  }

  async close() {
    this.#process.kill('SIGKILL')
    await once(this.#process, 'close')
  }

  /** The server must have been asked exactly this so often, such as `POST tools/call echo`. */
  asked(what, times) {
    return this.#saw(`${times} times <- ${what}`, (line) => line.endsWith(`] <- ${what}`), times)
  }

  /** So many of the server's observations must contain this. */
  saw(part, times) {
    return this.#saw(`${times} times ${part}`, (line) => line.includes(part), times)
  }

  /** Waits until the server has observed this. */
  until(part) {
    return until(
      () => this.count(part) > 0,
      () => `${part} was never seen, but ${this.#seen.join('\n')}`,
    )
  }

  /** How many of the server's observations contain this, up to now. */
  count(part) {
    return this.#seen.filter((line) => line.includes(part)).length
  }

  async #saw(what, isIt, times) {
    const count = () => this.#seen.filter(isIt).length
    await until(
      () => count() >= times,
      () => `less than ${what}; the server saw ${this.#seen.join('\n')}`,
    )
    assert.equal(count(), times, `more than ${what}; the server saw ${this.#seen.join('\n')}`)
  }
}
