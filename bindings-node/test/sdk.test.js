// The SDKs' public API over the drop-ins: their clients on our transport, their servers on our engine, and both.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'

import { CLIENTS, rejection, text, until } from './sdk/clients.js'
import { LEGACY, MODERN } from './sdk/faulty.js'
import { PAIRS, world } from './sdk/worlds.js'

const SCHEMAS = {
  'sampling/createMessage': CreateMessageRequestSchema,
  'elicitation/create': ElicitRequestSchema,
  'roots/list': ListRootsRequestSchema,
}
const capabilities = { sampling: {}, elicitation: {}, roots: {} }

/** Answers a request of the server. */
const answer = (sdk, client, method, result) =>
  client.setRequestHandler(sdk.name === 'v1' ? SCHEMAS[method] : method, async () => result)

/** Hears notifications. */
const hear = (client, heard) => {
  client.fallbackNotificationHandler = async ({ method, params }) => void heard.push(params?.data ?? method)
}

for (const sdk of CLIENTS) {
  for (const pair of Object.keys(PAIRS)) {
    describe(`${sdk.name}: ${pair}`, { concurrency: true }, () => {
      test('tools', async (t) => {
        const { client } = await world(t, sdk, pair)
        assert.equal(client.getInstructions(), 'Ask.')
        assert.ok((await client.listTools()).tools.some(({ name }) => name === 'echo'))
        assert.equal(await text(sdk, client, 'echo', { text: 'h\u00e9llo \u{1f980}' }), 'h\u00e9llo \u{1f980}')
        assert.match(await text(sdk, client, 'header', { name: 'host' }), /^127\.0\.0\.1:/)
        assert.equal(await text(sdk, client, 'session'), String(sdk.version === LEGACY))
        assert.equal((await sdk.callTool(client, { name: 'fail', arguments: {} })).isError, true)
        const unknown = await rejection(client.readResource({ uri: 'test://nothing' }))
        assert.match(unknown.message, /not found/)
      })

      test('many calls at once', async (t) => {
        const { client } = await world(t, sdk, pair)
        const numbers = Array.from({ length: 50 }, (_, number) => String(number))
        const said = await Promise.all(numbers.map((number) => text(sdk, client, 'echo', { text: number })))
        assert.deepEqual(said, numbers)
      })

      test('a large answer', async (t) => {
        const { client } = await world(t, sdk, pair)
        const large = 'x\u00fc'.repeat(100_000)
        assert.equal(await text(sdk, client, 'echo', { text: large }), large)
      })

      test('resources', async (t) => {
        const { client } = await world(t, sdk, pair)
        const { contents } = await client.readResource({ uri: 'test://greeting' })
        assert.equal(contents[0].text, 'good day')
      })

      test('progress', async (t) => {
        const { client } = await world(t, sdk, pair)
        const steps = []
        const onprogress = (progress) => steps.push(progress)
        assert.equal(await text(sdk, client, 'count', { to: 3 }, { onprogress }), 'counted')
        assert.deepEqual(
          steps,
          [1, 2, 3].map((progress) => ({ progress, total: 3, message: `step ${progress}` })),
        )
      })

      test('questions of the server', async (t) => {
        const { client } = await world(t, sdk, pair, { client: { capabilities } })
        const message = { role: 'assistant', model: 'none', content: { type: 'text', text: '42' } }
        answer(sdk, client, 'sampling/createMessage', message)
        answer(sdk, client, 'elicitation/create', { action: 'accept', content: { answer: '42' } })
        answer(sdk, client, 'roots/list', { roots: [{ uri: 'file:///42' }] })
        assert.equal(await text(sdk, client, 'ask', { kind: 'sampling' }), 'sampling: 42')
        assert.equal(await text(sdk, client, 'ask', { kind: 'elicitation' }), 'elicitation: 42')
        assert.equal(await text(sdk, client, 'ask', { kind: 'roots' }), 'roots: file:///42')
      })

      test('a question that nobody can answer is an error', async (t) => {
        const { client } = await world(t, sdk, pair)
        const result = await sdk
          .callTool(client, { name: 'ask', arguments: { kind: 'sampling' } })
          .catch((error) => error)
        assert.ok(result instanceof Error || result.isError)
        assert.equal(await text(sdk, client, 'echo', { text: 'on' }), 'on')
      })

      test('a cancelled call ends its handler', async (t) => {
        const { client, seen } = await world(t, sdk, pair)
        const controller = new AbortController()
        const call = rejection(text(sdk, client, 'wait', {}, { signal: controller.signal }))
        await until(() => seen.started === 1)
        controller.abort('enough')
        assert.match((await call).message, /enough/)
        await until(() => seen.cancelled === 1)
        assert.equal(await text(sdk, client, 'echo', { text: 'on' }), 'on')
      })

      test('closing in flight', async (t) => {
        const { client, seen } = await world(t, sdk, pair)
        const call = rejection(text(sdk, client, 'wait'))
        await until(() => seen.started === 1)
        await client.close()
        assert.match((await call).message, /Connection closed/)
        // In the older era a client could come back for the answer.
        if (sdk.version === MODERN) await until(() => seen.cancelled === 1)
      })
    })
  }
}

for (const sdk of CLIENTS.filter(({ version }) => version === LEGACY)) {
  for (const pair of Object.keys(PAIRS)) {
    describe(`${sdk.name}: ${pair}: sessions`, { concurrency: true }, () => {
      test('are told what changes', async (t) => {
        const { client } = await world(t, sdk, pair)
        const heard = []
        hear(client, heard)
        await until(async () => {
          await text(sdk, client, 'change') // the SDK's own loses it while the client has no stream for it
          return heard.includes('notifications/tools/list_changed')
        })
      })

      test('log', async (t) => {
        const { client } = await world(t, sdk, pair)
        const heard = []
        hear(client, heard)
        await client.setLoggingLevel('debug')
        assert.equal(await text(sdk, client, 'log', { text: 'so far so good' }), 'logged')
        await until(() => heard.includes('so far so good'))
      })

      test('end', async (t) => {
        const { client, seen, transport } = await world(t, sdk, pair)
        assert.equal(typeof transport.sessionId, 'string')
        await transport.terminateSession()
        await until(() => seen.closed === 1)
        await client.close()
      })
    })
  }
}

for (const sdk of CLIENTS.filter(({ version }) => version === MODERN)) {
  for (const pair of Object.keys(PAIRS)) {
    describe(`${sdk.name}: ${pair}: subscriptions`, { concurrency: true }, () => {
      test('bring what they ask for', async (t) => {
        const { client, handler } = await world(t, sdk, pair)
        const heard = []
        hear(client, heard)
        const subscription = await client.listen({ toolsListChanged: true, resourceSubscriptions: ['test://greeting'] })
        assert.deepEqual(subscription.honoredFilter, {
          toolsListChanged: true,
          resourceSubscriptions: ['test://greeting'],
        })
        handler.notify.resourceUpdated('test://other')
        handler.notify.resourcesChanged()
        handler.notify.resourceUpdated('test://greeting')
        handler.notify.toolsChanged()
        await until(() => heard.length === 2)
        assert.deepEqual(heard, ['notifications/resources/updated', 'notifications/tools/list_changed'])
        assert.equal(await text(sdk, client, 'echo', { text: 'beside it' }), 'beside it')
        await subscription.close()
        assert.equal(await subscription.closed, 'local')
      })

      test('end with the server, in order', async (t) => {
        const { client, handler } = await world(t, sdk, pair)
        const subscription = await client.listen({ toolsListChanged: true })
        await handler.close()
        assert.equal(await subscription.closed, 'graceful')
      })
    })
  }
}
