/** Errors of set-up. Nothing that a peer or a race does is thrown by a machine. */

/** A machine cannot be set up like this: which setting, what is wrong, what to write instead. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'config'
}

/** Runs what may complain about settings. */
export const configured = <T>(make: () => T): T => {
  try {
    return make()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'InvalidArg') {
      throw new ConfigError(error.message, { cause: error })
    }
    throw new TypeError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
