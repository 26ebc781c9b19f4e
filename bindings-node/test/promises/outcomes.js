// What every outcome must be.
import assert from 'node:assert/strict'

const kinds = new Set(
  (
    'bad_answer cancelled closed connection_lost http_status misuse no_common_version overloaded redirected ' +
    'resume_refused session_lost timed_out too_large too_many_rounds unauthorized undeliverable unreachable'
  ).split(' '),
)
const executions = new Set(['not_sent', 'refused', 'unknown'])

/** One of three, and all that it says can be read. */
export const checkOutcome = (output) => {
  const { result, error, failure } = output
  assert.equal([result, error, failure].filter((member) => member !== undefined).length, 1, 'one of three')
  if (result !== undefined) JSON.parse(result)
  else if (error !== undefined) checkError(error)
  else checkFailure(failure)
}

/** An error object. */
export const checkError = ({ code, message, data }) => {
  assert(Number.isInteger(code))
  assert.equal(typeof message, 'string')
  if (data !== null) JSON.parse(data)
}

/** A failure says what happened, in sentences and in words, and whether the call may have run. */
export const checkFailure = (failure) => {
  assert(kinds.has(failure.kind), failure.kind)
  assert(executions.has(failure.execution), failure.execution)
  assert(failure.message.length > 0)
  assert(failure.story.length <= 32)
  checkError(failure.rpcError)
  assert.equal(JSON.parse(failure.rpcError.data).kind, failure.kind)
}
