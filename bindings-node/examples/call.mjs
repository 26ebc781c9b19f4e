// Calls a tool: node call.mjs URL
import { connect } from 'mcp-sansio'

const client = await connect(process.argv[2])
try {
  for (const tool of await client.listTools()) console.log(tool.name)
  const result = await client.callTool('echo', { text: 'hello' })
  console.log(result.content[0].text)
} finally {
  await client.close()
}
