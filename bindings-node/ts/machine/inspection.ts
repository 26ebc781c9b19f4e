/** A look inside a machine. */

import type { Line } from './outcome.js'
import type { LifelineKind } from './words.js'

/** Everything that a machine holds at one moment: who is owed what, and what can still bring it. */
export interface Inspection {
  /** The calls not yet settled. */
  readonly calls: readonly Owed[]
  /** The peer's requests not yet answered. */
  readonly obligations: readonly Owed[]
  /** The open exchanges, each with when it is ended at the latest, where that is bounded by itself. */
  readonly exchanges: readonly { readonly id: number; readonly deadline: number | null }[]
  /** Payload bytes held. */
  readonly bytes: number
}

/** One request that is owed an answer. */
export interface Owed {
  readonly id: number
  readonly method: string
  /** When it is settled at the latest. */
  readonly deadline: number | null
  /** What can still bring its answer. */
  readonly lifelines: readonly Lifeline[]
  /** What was seen for it so far. */
  readonly story: readonly Line[]
}

/** Something that can still bring an answer: an exchange or a question has its id, a resume or a retry its time. */
export interface Lifeline {
  readonly type: LifelineKind
  readonly id?: number
  readonly at?: number
}
