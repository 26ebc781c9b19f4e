/** Running the steps of an item, for a request or as a task. */

import { setTimeout as sleep } from 'node:timers/promises'

import { PeerError } from 'mcp-sansio'

import { invalidParams } from './errors.js'

/**
 * Steps that run, with what their texts can name, and with what the client could do when it made its request.
 *
 * They run for a side, a `Call` or a `Task`, which can `log`, tell its `progress`, `release` its connection, and `ask`;
 * its `signal` says when nobody waits for them any more.
 */
export class Run {
  #announce
  #scope
  #can

  constructor(announce, scope, can) {
    this.#announce = announce
    this.#scope = scope
    this.#can = can
  }

  /** Runs the steps; undefined if they come to their end without a result. */
  async steps(steps, side) {
    for (const step of steps) {
      side.signal.throwIfAborted()
      const result = await this.#do(step, side)
      if (result !== undefined) return result
    }
    return undefined
  }

  /** Does one step; a result, if it ends the request with one. */
  #do({ kind, of }, side) {
    const scope = this.#scope
    switch (kind) {
      case 'answer':
        return scope.members(of)
      case 'ask':
        return this.#ask(Object.entries(of), side)
      case 'askAny':
        return this.#ask(
          Object.entries(of).filter(([, { method }]) => this.#can.canAnswer(method)),
          side,
        )
      case 'error':
        throw new PeerError(of.code, scope.text(of.message))
      case 'wait':
        return sleep(millisecondsOf(scope.members(of)), undefined, { signal: side.signal })
      case 'announce':
        return this.#announce(of.method, of.params && scope.members(of.params))
      case 'log':
        return side.log({ ...of, data: scope.fill(of.data) })
      case 'need':
        return this.#can.need(of)
      case 'progress':
        return side.progress({ ...of, message: of.message && scope.text(of.message) })
      case 'release':
        return side.release(of.retryMs)
      default:
        return undefined // What is after `task` became a task before, if it could.
    }
  }

  /** Asks the client what it has not answered yet. */
  async #ask(questions, side) {
    const { answers } = this.#scope
    const open = questions
      .filter(([name]) => !Object.hasOwn(answers, name))
      .map(([name, { method, params }]) => ({ name, method, params: this.#scope.members(params) }))
    return open.length > 0 ? side.ask(open, answers) : undefined
  }
}

/** A time that can be waited for. */
const millisecondsOf = ({ ms, seconds }) => {
  const given = ms ?? seconds ?? null
  if (typeof given !== 'number' || given < 0) throw invalidParams(`${JSON.stringify(given)} is no time to wait`)
  return ms === undefined ? given * 1_000 : given
}
