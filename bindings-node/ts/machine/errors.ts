/** Errors of set-up. Nothing that a peer or a race does is thrown by a machine. */

import { complaint } from './complaints.js'
import { wordFor } from './given.js'

/** A machine cannot be set up like this: which setting, what is wrong, what to write instead. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'config'
}

/** Settings as the native half reads them. A time that is infinite is no bound. */
export const settingsText = (settings: object): string => {
  if (wordFor(settings) !== 'object') throw new ConfigError('settings: they are an object')
  return JSON.stringify(settings, (name, value: unknown) => {
    if (typeof value !== 'number' || Number.isFinite(value)) return value
    if (Number.isNaN(value)) throw new ConfigError(`${name}: it is not a number`)
    return Math.sign(value) * Number.MAX_VALUE
  })
}

/** Runs what may complain about settings. */
export const configured = <T>(make: () => T): T => {
  try {
    return make()
  } catch (error) {
    if (error instanceof ConfigError) throw error
    if (error instanceof Error && 'code' in error && error.code === 'InvalidArg') {
      throw new ConfigError(complaint(error), { cause: error })
    }
    throw new TypeError(complaint(error), { cause: error })
  }
}
