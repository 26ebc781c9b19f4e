/** A request that steps run for. */

import { CallError } from 'mcp-sansio'

import { inputRequests, isAnswer } from './asking.js'
import { internal } from './errors.js'
import { paramsOf, Round } from './params.js'

/** A request, with what its session wants to hear of, and what its round brought. */
export class Call {
  #seal
  #round = {}

  constructor(request, log, seal) {
    this.request = request
    this.level = log
    this.#seal = seal
  }

  /** Aborted when nobody waits for the request any more. */
  get signal() {
    return this.request.signal
  }

  /** Begins the round: what the client answered in those before. Requests of a session have one only. */
  answered() {
    if (this.request.session !== undefined) return {}
    this.#round = paramsOf(this.request, Round)
    return this.#seal.answered(this.request, this.#round.requestState)
  }

  /** Writes a line, if the session wants it; since 2026-07-28 the request itself says what it wants. */
  log(params) {
    if (this.level === undefined || this.level.wants(params.level)) this.request.notify('notifications/message', params)
  }

  /** Tells how far it is, if the request has a progress token. */
  progress({ progress, total, message }) {
    this.request.progress(progress, total, message)
  }

  /** Ends the connection, where a client can come back. */
  release(retry) {
    this.request.releaseConnection(retry)
  }

  /** Asks on the stream of the request in a session, else by the result. */
  async ask(questions, answers) {
    if (this.request.session !== undefined) {
      // All at once. What the client can do is up to the client, and the first that fails ends it.
      await Promise.all(questions.map(async (question) => (answers[question.name] = await this.#ask(question))))
      return undefined
    }
    const open = questions.filter((question) => {
      const answer = this.#round.inputResponses[question.name]
      if (!isAnswer(question, answer)) return true
      answers[question.name] = answer
      return false
    })
    return open.length > 0 ? this.#seal.ask(this.request, inputRequests(open), answers) : undefined
  }

  async #ask(question) {
    const { name, method, params } = question
    let answer
    try {
      answer = await this.request.ask(method, params)
    } catch (error) {
      if (error instanceof CallError) throw internal(`the client was asked for ${name}: ${error.message}`)
      throw error
    }
    if (!isAnswer(question, answer)) {
      throw internal(`the client was asked for ${name}: ${JSON.stringify(answer)} is no answer`)
    }
    return answer
  }
}
