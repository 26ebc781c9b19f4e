// The SDK's clients, of both generations and in both eras, alike for the tests.
import { Client as ClientV2, SdkError, StreamableHTTPClientTransport as TheirsV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import {
  StreamableHTTPClientTransport as TheirsV1,
  StreamableHTTPError,
} from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpError } from '@modelcontextprotocol/sdk/types.js'
import { StreamableHTTPClientTransport as OursV1 } from 'mcp-sansio/sdk/v1'
import { StreamableHTTPClientTransport as OursV2 } from 'mcp-sansio/sdk/v2/client'

import { LEGACY, MODERN } from './faulty.js'

const INFO = { name: 'test', version: '1' }

const v2 = (name, version, versionNegotiation) => ({
  name,
  version,
  Ours: OursV2,
  Theirs: TheirsV2,
  client: (options) => new ClientV2(INFO, { versionNegotiation, ...options }),
  request: (client, method, params, options) => client.request({ method, params }, options),
  callTool: (client, params, options) => client.callTool(params, options),
  isError: (error) => error instanceof SdkError,
})

/** Each with its SDK's error classes, and with both transports. */
export const CLIENTS = [
  {
    name: 'v1',
    version: LEGACY,
    Ours: OursV1,
    Theirs: TheirsV1,
    client: (options) => new ClientV1(INFO, options),
    callTool: (client, params, options) => client.callTool(params, undefined, options),
    isError: (error) => error instanceof McpError || error instanceof StreamableHTTPError,
  },
  v2('v2, legacy', LEGACY, { mode: 'legacy' }),
  v2('v2, modern', MODERN, { mode: 'auto' }),
]

/** A client that is connected, and closed when the test ends. */
export const connected = async (t, sdk, Transport, url, { client: settings, ...options } = {}) => {
  const client = sdk.client(settings)
  const transport = new Transport(url, options)
  t.after(() => client.close())
  await client.connect(transport)
  return { client, transport }
}

/** How many requests the SDK waits for, in a table of its own. */
export const waiting = ({ _responseHandlers: requests }) => requests.size

/** What a tool says. */
export const text = async (sdk, client, name, args = {}, options) => {
  const result = await sdk.callTool(client, { name, arguments: args }, options)
  return result.content[0].text
}

/** Waits until something is so. */
export const until = async (isSo, what = String(isSo)) => {
  const end = performance.now() + 60_000
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within a minute: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** What a promise rejects with; fails if it does not within a bound that has nothing to do with the test's own. */
export const rejection = async (promise, within = 60_000) => {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still pending after ${within} ms`)), within)
  })
  const settled = promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  )
  try {
    const { error, value } = await Promise.race([settled, late])
    if (error === undefined) throw new Error(`it resolved: ${JSON.stringify(value)}`)
    return error
  } finally {
    clearTimeout(timer)
  }
}
