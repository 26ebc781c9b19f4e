// A client in a thread of its own: says what its calls came to.
import { parentPort, workerData } from 'node:worker_threads'

import { connect } from 'mcp-sansio'

const client = await connect(workerData.url)
const results = await Promise.all(
  Array.from({ length: 20 }, (_, text) => client.callTool('echo', { text: String(text) })),
)
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
parentPort.postMessage(results.map(({ content }) => content[0].text))
if (workerData.hangs) await client.callTool('slow', { steps: 1_000_000 })
await client.close()
