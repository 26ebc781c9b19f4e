/** Which lines of the log a session wants. */

import { paramsOf, SetLevel } from './params.js'
import { LEVELS } from './steps.js'

/** All of them, until the client says otherwise. */
export class LogLevel {
  #least = 0

  /** Whether a line of this level is wanted. */
  wants(level) {
    return LEVELS.indexOf(level) >= this.#least
  }

  /** Answers `logging/setLevel`. */
  set(request) {
    this.#least = LEVELS.indexOf(paramsOf(request, SetLevel).level)
    return {}
  }
}
