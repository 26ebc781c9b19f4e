// Cancels a call, with the signal that fetch takes, too: node cancel.mjs URL
import { CallFailed, connect } from 'mcp-sansio'

const client = await connect(process.argv[2])
try {
  await client.callTool('slow', { steps: 100, text: 'too late' }, { signal: AbortSignal.timeout(300) })
} catch (error) {
  if (!(error instanceof CallFailed && error.code === 'cancelled')) throw error
  console.log('given up:', error.cause.name)
}
await client.close()
