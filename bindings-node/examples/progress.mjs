// Watches the progress of a call, and gives up when there is none for a while: node progress.mjs URL
import { connect } from 'mcp-sansio'

const client = await connect(process.argv[2])
const result = await client.callTool(
  'slow',
  { steps: 3, text: 'done' },
  { progress: ({ progress, total }) => console.log(`${progress} of ${total}`), idle: 10_000 },
)
console.log(result.content[0].text)
await client.close()
