/** Clients of all kinds: each connects, and gives a function that makes the call. */

import { Agent, request } from 'node:http'
import { json } from 'node:stream/consumers'

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { connect } from 'mcp-sansio'
import { StreamableHTTPClientTransport as OursForV1 } from 'mcp-sansio/sdk/v1'
import { StreamableHTTPClientTransport as OursForV2 } from 'mcp-sansio/sdk/v2/client'

import { bodyOf, CALL, headersOf, VERSIONS } from './wire.js'

const IDENTITY = { name: 'bench', version: '1' }
const MODE = { legacy: 'legacy', modern: { pin: '2026-07-28' } }

export const CLIENTS = {
  ours: (era, url) => ours(era, url),
  'ours on fetch': (era, url) => ours(era, url, { fetch }),
  official: (era, url) => official(era, new StreamableHTTPClientTransport(new URL(url))),
  'official on ours': (era, url) => official(era, new OursForV2(new URL(url))),
  'official v1': (_, url) => officialV1(new TransportV1(new URL(url))),
  'official v1 on ours': (_, url) => officialV1(new OursForV1(new URL(url))),
  'only node:http': async (era, url) => {
    const options = { method: 'POST', headers: await headersOf(era, url), agent: new Agent({ keepAlive: true }) }
    const body = bodyOf(era)
    return () =>
      new Promise((resolve, reject) => {
        const sent = request(url, options, (response) => resolve(json(response)))
        sent.on('error', reject).end(body)
      })
  },
  'only fetch': async (era, url) => {
    const options = { method: 'POST', headers: await headersOf(era, url), body: bodyOf(era) }
    return async () => (await fetch(url, options)).json()
  },
}

const ours = async (era, url, options = {}) => {
  const client = await connect(url, { versions: VERSIONS[era], ...options })
  return () => client.callTool(CALL.name, CALL.arguments)
}

const official = async (era, transport) => {
  const client = new Client(IDENTITY, { versionNegotiation: { mode: MODE[era] } })
  await client.connect(transport)
  return () => client.callTool(CALL)
}

const officialV1 = async (transport) => {
  const client = new ClientV1(IDENTITY)
  await client.connect(transport)
  return () => client.callTool(CALL)
}
