/**
 * Questions by a result.
 *
 * Since 2026-07-28 a request that needs an answer of the client ends with the question, and the client makes it again
 * with the answer. What was answered in earlier rounds goes to the client and back as a state that it can neither read
 * nor change.
 */

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

import { invalidParams } from './errors.js'

/** How long a client may take between two rounds, in milliseconds. */
const LASTS = 600_000
const CIPHER = 'aes-256-gcm'
const NONCE = 12
const TAG = 16

/** Seals states, and opens them again. They are of no use to the next run of the program. */
export class Seal {
  #key = randomBytes(32)

  /** The result that asks the client. */
  ask(request, questions, answered) {
    const nonce = randomBytes(NONCE)
    const cipher = createCipheriv(CIPHER, this.#key, nonce).setAAD(subject(request))
    const state = JSON.stringify({ until: Date.now() + LASTS, answered })
    const sealed = Buffer.concat([nonce, cipher.update(state, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return { resultType: 'input_required', inputRequests: questions, requestState: sealed.toString('base64url') }
  }

  /** What was answered in earlier rounds. A state that was not given for this request ends it. */
  answered(request, requestState) {
    if (requestState === undefined) return {}
    const state = this.#open(request, requestState)
    if (state === undefined) throw invalidParams('requestState: this server did not give it, or for another request')
    if (state.until < Date.now()) throw invalidParams('requestState: it was given too long ago')
    return state.answered
  }

  /** What is sealed; nothing if it was not sealed here and for this request, or was changed. */
  #open(request, requestState) {
    const sealed = Buffer.from(requestState, 'base64url')
    // Who reads base64 passes over what is none, so that is not sealed.
    if (sealed.length < NONCE + TAG || sealed.toString('base64url') !== requestState) return undefined
    const opening = createDecipheriv(CIPHER, this.#key, sealed.subarray(0, NONCE), { authTagLength: TAG })
    opening.setAAD(subject(request)).setAuthTag(sealed.subarray(-TAG))
    try {
      return JSON.parse(opening.update(sealed.subarray(NONCE, -TAG), undefined, 'utf8') + opening.final('utf8'))
    } catch {
      return undefined // it is authentic, or there is an error
    }
  }
}

/** The params that are of one round only. */
const OF_A_ROUND = ['_meta', 'inputResponses', 'requestState']

/** What a state is for: the request, but for what belongs to its round. */
const subject = ({ method, params }) => {
  const lasting = Object.entries(params ?? {}).filter(([name]) => !OF_A_ROUND.includes(name))
  return createHash('sha256')
    .update(JSON.stringify([method, Object.fromEntries(lasting)], sorted))
    .digest()
}

/** The order of members says nothing. */
const sorted = (_, value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
