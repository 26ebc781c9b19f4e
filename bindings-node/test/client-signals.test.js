// AbortSignal: whoever gives up gets a failure at once, the server is told, and nothing is left.
import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { connect } from 'mcp-sansio'

import { inTime, until } from './client/patience.js'
import { ERAS, LEGACY, polite, Scripted, silent } from './client/server.js'
import { CARRIERS, scripted } from './client/stage.js'

for (const [carrier, http] of Object.entries(CARRIERS)) {
  describe(`over ${carrier}`, () => {
    for (const version of ERAS) {
      test(`a signal cancels its call, ${version}`, () =>
        scripted(silent, version, http, async (stage, server) => {
          const { client } = stage
          const controller = new AbortController()
          const reason = new Error('lunch')
          const calling = client.callTool('silent', {}, { signal: controller.signal })
          await until(() => server.requests.some((x) => x.tool))
          controller.abort(reason)
          await assert.rejects(inTime(calling), (error) => {
            assert.deepEqual([error.name, error.code, error.execution], ['CallFailed', 'cancelled', 'unknown'])
            assert.equal(error.cause, reason)
            return true
          })
          assert.deepEqual(client.inspect().calls, [])
          await until(() => server.left.length === 1)
          await (await stage.call('echo')).cameToResult()
          await until(() => server.count('notifications/cancelled') === (version === LEGACY ? 1 : 0))
        }))
    }

    test('a signal that was aborted before: nothing is sent', () =>
      scripted(polite, LEGACY, http, async ({ client }, server) => {
        await client.ping()
        const before = server.requests.length
        const signal = AbortSignal.abort(new Error('too late'))
        await assert.rejects(client.callTool('echo', {}, { signal }), {
          code: 'cancelled',
          execution: 'not_sent',
          cause: signal.reason,
        })
        const outcome = await client.outcome('tools/list', undefined, { signal })
        assert.deepEqual([outcome.type, outcome.failure.kind], ['failure', 'cancelled'])
        await assert.rejects(client.listTools({ signal }), { code: 'cancelled' })
        await assert.rejects(client.ping({ signal }), { code: 'cancelled' })
        assert.equal(server.requests.length, before)
      }))
  })
}

test("a signal of another library than node's is one", () =>
  scripted(silent, LEGACY, {}, async (stage, server) => {
    const listeners = new Set()
    const signal = {
      aborted: false,
      addEventListener: (_, listener) => listeners.add(listener),
      removeEventListener: (_, listener) => listeners.delete(listener),
    }
    const calling = stage.client.callTool('silent', {}, { signal })
    await until(() => server.requests.some((x) => x.tool))
    for (const listener of listeners) listener()
    await assert.rejects(inTime(calling), { code: 'cancelled' })
    assert.equal(listeners.size, 0)
  }))

test('one signal for many calls, of which it keeps nothing', () =>
  scripted(silent, LEGACY, {}, async (stage) => {
    const warnings = []
    const warn = (warning) => warnings.push(warning)
    process.on('warning', warn)
    const controller = new AbortController()
    const { signal } = controller
    for (let i = 0; i < 20; i++) await (await stage.call('echo', { signal })).cameToResult()
    assert.equal(getEventListeners(signal, 'abort').length, 0)
    const calls = Array.from({ length: 20 }, () => stage.start('silent', { signal }))
    await until(() => stage.client.inspect().calls.length === 20)
    controller.abort()
    for (const call of calls)
      await call.failed('cancelled', 'unknown').catch(() => call.failed('cancelled', 'not_sent'))
    assert.equal(getEventListeners(signal, 'abort').length, 0)
    await sleep(0)
    process.off('warning', warn)
    assert.deepEqual(warnings, [])
  }))

test('a time limit of the application’s', () =>
  scripted(silent, LEGACY, {}, async ({ client }) => {
    await assert.rejects(client.callTool('silent', {}, { signal: AbortSignal.timeout(50) }), (error) => {
      assert.equal(error.cause.name, 'TimeoutError')
      return true
    })
  }))

test('aborted at any moment, a call leaves nothing behind', () =>
  scripted(polite, LEGACY, {}, async (stage) => {
    for (let delay = 0; delay < 20; delay++) {
      const outcome = await inTime(
        stage.client.outcome('tools/call', { name: 'echo' }, { signal: AbortSignal.timeout(delay) }),
      )
      assert.ok(outcome.type === 'result' || outcome.failure.kind === 'cancelled', JSON.stringify(outcome))
    }
    await (await stage.call('echo')).cameToResult()
    assert.deepEqual(stage.client.inspect().calls, [])
  }))

test('a progress callback that aborts its own call', () => {
  const script = (x) => {
    if (!x.tool) return polite(x)
    x.stream()
    x.progress(1)
    return x.hold()
  }
  return scripted(script, LEGACY, {}, async (stage) => {
    const controller = new AbortController()
    const options = { signal: controller.signal, progress: () => controller.abort() }
    await (await stage.call('echo', options)).failed('cancelled', 'unknown')
  })
})

for (const method of ['server/discover', 'initialize']) {
  test(`given up while connecting: ${method} is not answered`, async () => {
    const server = await Scripted.start((x) => (x.method === method ? x.hold() : polite(x)))
    const controller = new AbortController()
    const connecting = connect(server.url, { signal: controller.signal, timing: { close: 500 } })
    await until(() => server.count(method) > 0)
    controller.abort()
    await assert.rejects(inTime(connecting), { code: 'cancelled', cause: controller.signal.reason })
    await until(() => server.open === 0)
    await server.close()
  })
}

test('given up before connecting: nothing is sent', async () => {
  const server = await Scripted.start()
  await assert.rejects(connect(server.url, { signal: AbortSignal.abort() }), {
    code: 'cancelled',
    execution: 'not_sent',
  })
  assert.equal(server.connections, 0)
  await server.close()
})
