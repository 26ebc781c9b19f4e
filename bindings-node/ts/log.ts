/** Where sentences for people go. */

/**
 * Gets what people should know: `error` for what the application has to repair, `warn` for what was lost or refused,
 * `debug` for the rest. Each is one sentence, with what was thrown, if something was.
 */
export type Log = (level: 'error' | 'warn' | 'debug', sentence: string, error?: unknown) => void

/** The default: errors and warnings go to the console. */
export const consoleLog: Log = (level, sentence, error) => {
  if (level === 'debug') return
  const thrown = error === undefined ? [] : [error]
  console[level](`mcp-sansio: ${sentence}`, ...thrown)
}

/** A log that does not throw, whatever is given. */
export const careful =
  (log: Log): Log =>
  (level, sentence, error) => {
    try {
      log(level, sentence, error)
    } catch (thrown) {
      consoleLog(level, sentence, error)
      consoleLog('error', 'the `log` of the application threw', thrown)
    }
  }
