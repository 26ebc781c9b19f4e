// Who talks to whom: clients and servers of the SDK, with its own transports and with ours.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'

import { NodeStreamableHTTPServerTransport as TheirsV2, toNodeHandler } from '@modelcontextprotocol/node'
import { StreamableHTTPServerTransport as TheirsV1 } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createMcpHandler as theirHandler } from '@modelcontextprotocol/server'
import { createMcpHandler as ourHandlerV1 } from 'mcp-sansio/sdk/v1'
import { createMcpHandler as ourHandlerV2 } from 'mcp-sansio/sdk/v2/server'

import { connected } from './clients.js'
import { LEGACY } from './faulty.js'
import { observer, offerV1, offerV2 } from './offer.js'

/** The sessions of the SDK's own server transport, as its examples do it. */
const sessionful = (Transport, offer) => {
  const transports = new Map()
  return async (request, response) => {
    const id = request.headers['mcp-session-id']
    let transport = transports.get(id)
    if (transport === undefined) {
      const onsessioninitialized = (made) => void transports.set(made, transport)
      transport = new Transport({ sessionIdGenerator: () => randomUUID(), onsessioninitialized })
      await offer().connect(transport)
    }
    await transport.handleRequest(request, response)
  }
}

/** Serves a handler of requests, until the test ends. */
export const listening = async (t, handle) => {
  const http = createServer(handle)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  t.after(() => {
    http.close()
    http.closeAllConnections()
  })
  return new URL(`http://127.0.0.1:${http.address().port}/mcp`)
}

const isV1 = (sdk) => sdk.name === 'v1'

/** A server of the SDK on its own transports. */
export const theirs = async (t, sdk) => {
  const seen = observer()
  const offer = () => (isV1(sdk) ? offerV1(seen) : offerV2(seen, { era: 'legacy' }))
  if (sdk.version === LEGACY)
    return { seen, url: await listening(t, sessionful(isV1(sdk) ? TheirsV1 : TheirsV2, offer)) }
  const handler = theirHandler((context) => offerV2(seen, context))
  t.after(() => handler.close())
  return { seen, handler, url: await listening(t, toNodeHandler(handler)) }
}

/** A server of the SDK on ours; `front` may do something to requests before, `around` to the making of servers. */
export const ours = async (t, sdk, options = {}, front = (handler) => handler.node, around = (make) => make()) => {
  const seen = observer()
  const servers = []
  const make = (context) => {
    const server = isV1(sdk) ? offerV1(seen) : offerV2(seen, context)
    servers.push(server)
    return server
  }
  const create = isV1(sdk) ? ourHandlerV1 : ourHandlerV2
  const handler = create((context) => around(() => make(context)), options)
  t.after(() => handler.close(0))
  return { seen, servers, handler, url: await listening(t, front(handler)) }
}

/** The pairs in which something is ours, each with a function that makes it. */
export const PAIRS = {
  'our client, their server': { serve: theirs, Transport: (sdk) => sdk.Ours },
  'their client, our server': { serve: ours, Transport: (sdk) => sdk.Theirs },
  'both ours': { serve: ours, Transport: (sdk) => sdk.Ours },
}

/** A pair that is connected. */
export const world = async (t, sdk, pair, options) => {
  const { seen, url, handler } = await PAIRS[pair].serve(t, sdk)
  const { client, transport } = await connected(t, sdk, PAIRS[pair].Transport(sdk), url, options)
  return { seen, url, handler, client, transport }
}
