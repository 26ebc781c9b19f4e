// What is known of a call that brought no answer, and whether it may go again: node story.mjs URL
import { connect } from 'mcp-sansio'

const client = await connect(process.argv[2])
const slow = { name: 'slow', arguments: { steps: 100, text: 'too late' } }
const outcome = await client.outcome('tools/call', slow, { max: 300 })
if (outcome.type === 'failure') {
  const { failure, story } = outcome
  const run = { not_sent: 'it was not sent', refused: 'it was not run', unknown: 'it may have run' }
  console.log(`${run[failure.execution]}: ${failure.message}`)
  console.log(story)
} else {
  console.log(outcome.type === 'result' ? outcome.result : outcome.error.message)
}
await client.close()
