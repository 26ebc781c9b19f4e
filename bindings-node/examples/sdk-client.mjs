// The official SDK's client on this package's transport: what changes is where `StreamableHTTPClientTransport` comes from.
//
//     node sdk-client.mjs http://127.0.0.1:3000/mcp
//
// No call of it hangs: each ends within a minute, or 20 seconds after the last sign of progress where that is asked for,
// and an error says what happened, and whether the server may have run the call. For version 1 of the SDK the transport
// is in `mcp-sansio/sdk/v1`, and the rest as you know it.
import { Client, SdkError } from '@modelcontextprotocol/client'
import { StreamableHTTPClientTransport } from 'mcp-sansio/sdk/v2/client'

const url = new URL(process.argv[2])
const client = new Client({ name: 'example', version: '1.0' }, { versionNegotiation: { mode: 'auto' } })
await client.connect(new StreamableHTTPClientTransport(url, { timing: { max: 60_000, idle: 20_000 } }))
console.log(`speaking ${client.getNegotiatedProtocolVersion()}`)

const { tools } = await client.listTools()
console.log('tools:', tools.map((tool) => tool.name).join(', '))

const onprogress = ({ progress, total, message }) => console.log(`${progress} of ${total}: ${message}`)
try {
  const result = await client.callTool({ name: 'count', arguments: { to: 3 } }, { onprogress })
  for (const content of result.content) console.log(content.text)
} catch (error) {
  if (!(error instanceof SdkError)) throw error
  console.log(`failed: ${error.message}`)
  for (const line of error.cause?.story ?? []) console.log(`  ${line.text}`)
}
await client.close()
