/** What a client can do, as it declares. */

import { isDeepStrictEqual } from 'node:util'

import { missingCapability } from './errors.js'

/** The capability of clients that can be asked this. */
const OF = {
  'elicitation/create': 'elicitation',
  'roots/list': 'roots',
  'sampling/createMessage': 'sampling',
}
/** The tasks extension, as capabilities name it. */
export const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } }

/** The capabilities of the client of one request. One that says nothing can do nothing. */
export class Capabilities {
  #declared

  constructor(declared) {
    this.#declared = declared ?? {}
  }

  /** Whether the client can be asked this. */
  canAnswer(method) {
    return this.have(forQuestions([{ method }]))
  }

  /** Whether the client declares all of this, at every depth. */
  have(needed) {
    return covers(this.#declared, needed)
  }

  /** Ends the request if the client does not declare all of this. */
  need(needed) {
    if (!this.have(needed)) throw missingCapability(needed)
  }
}

/** The capabilities that these questions need. */
export const forQuestions = (questions) => Object.fromEntries(questions.map(({ method }) => [OF[method], {}]))

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether all of `needed` is in `declared`. An empty object needs no more than to be there. */
const covers = (declared, needed) => {
  if (!isObject(needed)) return isDeepStrictEqual(declared, needed)
  const holds = ([name, value]) => Object.hasOwn(declared, name) && covers(declared[name], value)
  return isObject(declared) && Object.entries(needed).every(holds)
}
