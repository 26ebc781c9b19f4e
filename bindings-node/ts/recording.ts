/** The record of a machine, which somebody has to write. */

import { ConfigError } from './machine/errors.js'
import type { ClientSettings } from './machine/settings.js'

type Recording = NonNullable<ClientSettings['recording']>

/**
 * What is recorded is written, and what is not written is not recorded: a machine keeps its lines without end.
 *
 * @throws {ConfigError} if lines are wanted that nobody takes.
 */
export const recordingFor = (record: unknown, recording: Recording | undefined): Recording => {
  if (record !== undefined) return recording ?? 'redacted'
  if (recording !== undefined && recording !== 'off') {
    throw new ConfigError('recording: there is nowhere to write it; give a `record`')
  }
  return 'off'
}
