// What becomes of memory, sockets and listeners; run with --expose-gc: node memory.js
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

import { connect } from 'mcp-sansio'

import { until } from './patience.js'
import { LEGACY, MODERN, notification, polite, Scripted } from './server.js'

const collected = async (holds) => {
  await until(() => {
    globalThis.gc()
    return holds()
  })
}

const used = async () => {
  for (let i = 0; i < 5; i++) {
    globalThis.gc()
    await sleep(10)
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const tests = {
  async 'a call’s memory is given back'() {
    const text = 'x'.repeat(100_000)
    const server = await Scripted.start((x) => {
      polite(x)
      server.requests.length = 0
    }, MODERN)
    const client = await connect(server.url)
    const call = (times) => Promise.all(Array.from({ length: times }, () => client.callTool('echo', { text })))
    for (let i = 0; i < 5; i++) await call(20)
    const before = await used()
    for (let i = 0; i < 10; i++) await call(20)
    const grown = (await used()) - before
    assert.equal(client.inspect().bytes, 0)
    assert.ok(grown < 4e6, `${grown} bytes more after 200 calls of 100 kB`)
    await client.close()
    await server.close()
  },

  async 'clients leave nothing behind'() {
    const server = await Scripted.start()
    const use = async () => {
      const client = await connect(server.url, { timing: { close: 1_000 } })
      const signal = new AbortController().signal
      await client.callTool('echo', {}, { signal })
      client.notifications()
      client.events()
      await client.close()
      return new WeakRef(client)
    }
    await use()
    await until(() => server.open === 0)
    const before = process.getActiveResourcesInfo()
    const clients = []
    for (let i = 0; i < 30; i++) clients.push(await use())
    await until(() => server.open === 0)
    assert.deepEqual(process.getActiveResourcesInfo().sort(), before.sort())
    await collected(() => clients.every((client) => client.deref() === undefined))
    await server.close()
  },

  async 'dropped readers leave their room to others'() {
    const server = await Scripted.start((x) => {
      if (!x.tool) return polite(x)
      x.stream()
      for (let data = 0; data < 100; data++) x.event(notification('notifications/message', { level: 'info', data }))
      x.progress(1)
      return x.event(x.says('done'))
    }, LEGACY)
    const client = await connect(server.url)
    client.notifications()
    await client.callTool('full')
    const heard = []
    const progress = (params) => heard.push(params)
    await client.callTool('full', {}, { progress })
    assert.equal(heard.length, 0) // there is no room, but for the outcome
    for (let i = 0; heard.length === 0 && i < 100; i++) {
      globalThis.gc()
      await sleep(10)
      await client.callTool('full', {}, { progress })
    }
    assert.equal(heard.length, 1)
    await client.close()
    await server.close()
  },

  async 'a dropped subscription ends'() {
    const server = await Scripted.start((x) => {
      if (x.method !== 'subscriptions/listen') return polite(x)
      x.stream()
      return x.hold()
    }, MODERN)
    const client = await connect(server.url)
    client.listen({ toolsListChanged: true })
    await until(() => server.count('subscriptions/listen') === 1)
    await collected(() => server.left.length === 1)
    await client.close()
    await server.close()
  },

  async 'a reader that is waited for is not collected'() {
    const server = await Scripted.start(polite, LEGACY)
    const client = await connect(server.url)
    const ending = (async () => {
      for await (const _ of client.notifications()) assert.fail('nothing comes')
      return 'end'
    })()
    let isOver = false
    void ending.then(() => (isOver = true))
    for (let i = 0; i < 20; i++) {
      globalThis.gc()
      await sleep(5)
    }
    assert.ok(!isOver)
    await client.close()
    assert.equal(await ending, 'end')
    await server.close()
  },
}

await tests[process.argv[2]]()
