// `await using`, and the types of the client, as an application in TypeScript has them.
import {
  type Authorizer,
  CallFailed,
  connect,
  type ConnectOptions,
  type FailureKind,
  type McpClient,
  type Outcome,
  PeerError,
  type RequestHandler,
  type SubscriptionEvent,
} from 'mcp-sansio'

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

const authorizer: Authorizer = {
  credentials: () => 'Bearer 1',
  authorize: async (refusal, { signal }) => refusal.status === 401 && !signal.aborted,
}

const onRequest: RequestHandler = ({ method, params }) => {
  if (method !== 'elicitation/create') throw new PeerError(-32601, `${method} is not supported`)
  return { action: 'accept', content: { answer: String(params?.message) } }
}

const options: ConnectOptions = {
  identity: { name: 'using', version: '1.0', capabilities: { elicitation: {} } },
  authorizer,
  onRequest,
  timing: { idle: 10_000, close: 500 },
  log: () => {},
}

const tell = (outcome: Outcome): string => {
  if (outcome.type === 'result') return String(outcome.result.content[0].text)
  return outcome.type === 'error' ? `${outcome.error.code}` : `${outcome.failure.kind}\n${outcome.story}`
}

const kept: McpClient[] = []

const use = async (url: string): Promise<void> => {
  await using client = await connect(url, options)
  kept.push(client)
  say(tell(await client.outcome('tools/call', { name: 'echo', arguments: { text: 'hello' } })))
  const steps: number[] = []
  await client.callTool('slow', { steps: 2, text: 'done' }, { progress: ({ progress }) => steps.push(progress) })
  say(steps.join())
  const seen: SubscriptionEvent['type'][] = []
  {
    await using changes = client.listen({ toolsListChanged: true })
    for await (const event of changes) {
      seen.push(event.type)
      if (event.type === 'opened') await client.callTool('switch')
      else break
    }
  }
  say(seen.join())
}

await use(process.argv[2] ?? '')
try {
  await kept[0]?.callTool('echo')
} catch (error) {
  if (!(error instanceof CallFailed)) throw error
  const kind: FailureKind = error.code
  say(kind)
}
