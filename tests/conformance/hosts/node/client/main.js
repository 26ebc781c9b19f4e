/**
 * The client that the conformance suite tests: an application on `connect`, as anyone would write it.
 *
 *     MCP_CONFORMANCE_SCENARIO=tools_call .. node client/main.js http://localhost:3000/mcp
 *
 * The suite starts it once for each scenario and judges what arrives at its own server, so all that is to do here is to
 * use that server in the way that the scenario is about. It exits with 0 if everything that it tried worked.
 */

import { CallFailed, connect } from 'mcp-sansio'

import { answer, CAPABILITIES } from './answers.js'
import { behaviourOf } from './behaviours.js'
import { taskFromEnvironment } from './task.js'

/** The suite gives a client 30 s, and then kills the shell that it runs in, not the client. */
const LONGEST = 25_000
/** A call ends sooner, so that it can say what it waited for. */
const LONGEST_CALL = 20_000

/** Does what the scenario is about. */
const play = async (task) => {
  const behave = behaviourOf(task.scenario)
  const client = await connect(task.url, {
    identity: { name: 'mcp-sansio-conformance-client', version: '0.1.0', capabilities: CAPABILITIES },
    onRequest: answer,
    versions: task.versions,
    // There are servers that ask on the standalone stream only, and drop what they ask before it is open.
    timing: { handshake: LONGEST_CALL, max: LONGEST_CALL, standaloneWait: LONGEST_CALL },
  })
  try {
    await behave(client, task)
  } finally {
    await client.close()
  }
}

/** What went wrong, with the story of the call if there is one. */
const explain = (error) =>
  error instanceof CallFailed ? [error.message, ...error.story.map(({ text }) => text)].join('\n') : String(error)

const tooLong = setTimeout(() => {
  console.error(`not done within ${LONGEST} ms`)
  process.exit(1)
}, LONGEST)
try {
  await play(taskFromEnvironment())
} catch (error) {
  console.error(explain(error))
  process.exitCode = 1
} finally {
  clearTimeout(tooLong)
}
