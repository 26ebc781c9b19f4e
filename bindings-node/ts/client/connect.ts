/** The beginning of a managed client. */

import { Client } from '../machine/client.js'
import { ConfigError } from '../machine/errors.js'
import type { Identity } from '../machine/identity.js'
import type { ClientSettings } from '../machine/settings.js'
import { recordingFor } from '../recording.js'
import { VERSION } from '../version.js'
import { type Hosting, McpClient } from './client.js'
import { type Fetch, FetchHttp } from './http/fetch.js'
import type { Http } from './http/http.js'
import { type Agent, NodeHttp } from './http/node.js'

/** What a client is made with: beside what follows, the settings of its machine, such as `timing` and `limits`. */
export interface ConnectOptions extends Omit<ClientSettings, 'authorizer'>, Hosting {
  /** Who the client is, and which capabilities it declares. */
  readonly identity?: Identity
  /** The application's own agent of `node:http` or `node:https`: certificates, proxies, limits. It is never destroyed. */
  readonly agent?: Agent | undefined
  /** What to use instead of `node:http(s)`. */
  readonly fetch?: Fetch | undefined
  /** Gives the handshake up. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Connects to the MCP server at this URL; the handshake is done when it resolves. Close it in the end, or have
 * `await using` do so.
 *
 * ```js
 * const client = await connect('https://example.com/mcp')
 * const result = await client.callTool('echo', { text: 'hello' })
 * console.log(result.content[0].text)
 * await client.close()
 * ```
 *
 * @throws {ConfigError} A setting cannot work.
 * @throws {CallFailed | PeerError} The handshake ended so.
 */
export const connect = async (url: URL | string, options: ConnectOptions = {}): Promise<McpClient> => {
  const {
    identity = { name: 'mcp-sansio', version: VERSION },
    headers,
    authorizer,
    onRequest,
    record,
    log,
    agent,
    fetch,
    signal,
    ...rest
  } = options
  const settings = { ...rest, authorizer: authorizer !== undefined, recording: recordingFor(record, options.recording) }
  const machine = new Client(String(url), identity, settings)
  const http = carrier(agent, fetch)
  const client = new McpClient(machine, String(url), http, { headers, authorizer, onRequest, record, log })
  try {
    await client.connect(signal)
  } catch (error) {
    void client.close()
    throw error
  }
  return client
}

const carrier = (agent: Agent | undefined, fetch: Fetch | undefined): Http => {
  if (fetch === undefined) return new NodeHttp(agent)
  if (typeof fetch !== 'function') throw new ConfigError('fetch: it is no function; leave it out for `node:http(s)`')
  if (agent !== undefined) throw new ConfigError('agent: it is for `node:http(s)`; give it, or `fetch`, not both')
  return new FetchHttp(fetch)
}
