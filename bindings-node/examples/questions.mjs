// Answers what the server asks in the midst of a call: node questions.mjs URL
import { connect, PeerError } from 'mcp-sansio'

const onRequest = ({ method, params }) => {
  if (method !== 'elicitation/create') throw new PeerError(-32601, `${method} is not supported`)
  console.log('the server asks:', params.message)
  return { action: 'accept', content: { answer: 'forty-two' } }
}

const identity = { name: 'questions', version: '1.0', capabilities: { elicitation: {} } }
const client = await connect(process.argv[2], { identity, onRequest })
const result = await client.callTool('ask', { question: 'what is the answer?' })
console.log(result.content[0].text)
await client.close()
