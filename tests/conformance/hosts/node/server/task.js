/** A task, from its beginning to its end. */

import { randomBytes } from 'node:crypto'

import { PeerError } from 'mcp-sansio'

import { inputRequests, isAnswer } from './asking.js'
import { forQuestions } from './capabilities.js'
import { internal } from './errors.js'

/** What a request began and its client looks after later. `tell` is called when it changes. */
export class Task {
  /** Nobody guesses it: whoever knows it may ask for the task. */
  id = randomBytes(16).toString('base64url')
  #terms
  #can
  #tell
  #began = performance.now()
  #created = now()
  #updated = this.#created
  #status = 'working'
  /** What it came to, as its description names it. */
  #end = {}
  #open = []
  #answers
  #goOn
  #stop = new AbortController()

  constructor(terms, can, tell) {
    this.#terms = terms
    this.#can = can
    this.#tell = tell
  }

  /** Does the task's work. */
  async run(work) {
    try {
      const result = await work()
      this.#turn('completed', { result: { ...result, resultType: 'complete' } })
    } catch (error) {
      const { code, message } = error instanceof PeerError ? error : internal(String(error))
      this.#turn('failed', { error: { code, message } })
    }
    if (!this.signal.aborted) this.#tell(this)
  }

  /** Aborted when the task is cancelled. */
  get signal() {
    return this.#stop.signal
  }

  /** Whether its time is over, and nobody may ask for it any more. */
  get isOverTime() {
    return performance.now() - this.#began > this.#terms.ttlMs
  }

  /** Takes answers of the client to what is open. Others say nothing, as late ones do. */
  answer(given) {
    const isAnswered = (question) => isAnswer(question, given[question.name])
    const taken = this.#open.filter(isAnswered)
    if (taken.length === 0) return
    for (const { name } of taken) this.#answers[name] = given[name]
    this.#open = this.#open.filter((question) => !isAnswered(question))
    this.#turn(this.#open.length > 0 ? 'input_required' : 'working')
    if (this.#open.length === 0) this.#goOn()
    this.#tell(this)
  }

  /** Ends the task and its work. */
  cancel() {
    if (!this.#turn('cancelled')) return
    this.#stop.abort()
    this.#tell(this)
  }

  /** What the client is answered when the task begins. */
  get created() {
    return { ...this.#summary, resultType: 'task' }
  }

  /** All that there is to say of the task. */
  get detailed() {
    const isOpen = this.#status === 'input_required'
    return { ...this.#summary, ...(isOpen ? { inputRequests: inputRequests(this.#open) } : this.#end) }
  }

  /** Tasks have no log, */
  log() {}

  /** nor do they tell their progress, */
  progress() {}

  /** nor have they a connection. */
  release() {}

  /** Asks the client by the task's description, and waits for all answers. */
  async ask(questions, answers) {
    this.#can.need(forQuestions(questions))
    this.#open = questions
    this.#answers = answers
    const answered = new Promise((resolve, reject) => {
      this.#goOn = resolve
      this.signal.addEventListener('abort', reject)
    })
    this.#turn('input_required')
    this.#tell(this)
    await answered
  }

  /** Changes to another status; whether it did. A task that has ended stays as it is. */
  #turn(status, end = {}) {
    const goesOn = this.#status === 'working' || this.#status === 'input_required'
    if (goesOn) [this.#status, this.#updated, this.#end] = [status, now(), end]
    return goesOn
  }

  get #summary() {
    return {
      taskId: this.id,
      status: this.#status,
      createdAt: this.#created,
      lastUpdatedAt: this.#updated,
      ttlMs: this.#terms.ttlMs,
      pollIntervalMs: this.#terms.pollIntervalMs,
    }
  }
}

/** The time of day, as the protocol writes it. */
const now = () => new Date().toISOString()
