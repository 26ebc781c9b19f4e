// Listens to what changes at a server (since 2026-07-28): node changes.mjs URL
import { connect } from 'mcp-sansio'

const client = await connect(process.argv[2])
for await (const event of client.listen({ toolsListChanged: true })) {
  if (event.type === 'opened') {
    console.log('the server listens to', event.filter)
    await client.callTool('switch')
  } else if (event.type === 'notification') {
    console.log(`${event.method} - list again: ${(await client.listTools()).length} tools`)
    break // ends the subscription
  } else if (event.type === 'gap') {
    console.log('something may have been missed: list again')
  } else {
    console.log('over:', event.outcome)
  }
}
await client.close()
