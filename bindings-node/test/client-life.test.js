// The client among threads, processes and garbage: it ends when it should, never earlier, and leaves nothing.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'

import { inTime, PATIENCE } from './client/patience.js'
import { Peer } from './client/program.js'
import { LEGACY, polite, Scripted } from './client/server.js'

const run = promisify(execFile)
const here = (path) => fileURLToPath(new URL(path, import.meta.url))

const withPeer = async (use) => {
  const server = await Peer.start('serve')
  try {
    await use(server)
  } finally {
    await server.close()
  }
}

/** A program must come to its end, and say this. */
const ends = async (said, ...args) => {
  const { stdout, stderr } = await run(process.execPath, args, { timeout: PATIENCE })
  assert.deepEqual([stdout, stderr], [said, ''])
}

describe('a process comes to its end by itself', { concurrency: 2 }, () => {
  for (const [way, said] of [
    ['closed', ''],
    ['forgotten', ''],
    ['notifying', ''],
    ['calling', 'done'],
    ['reading', 'end'],
    ['refused', 'CallFailed'],
  ]) {
    test(way, () =>
      withPeer(async (server) => {
        await ends(said, here('client/life.js'), way, server.url)
        if (way === 'notifying') await server.asked('POST roots/list_changed', 1)
        if (way === 'closed') await server.asked('DELETE', 0)
      }),
    )
  }

  test('calling, while nothing is open but a retry of the client’s', async () => {
    const script = async (x) => {
      if (x.tool) {
        x.stream()
        x.send('id: 1\nretry: 300\ndata:\n\n')
      } else if (x.headers['last-event-id'] === '1') {
        const call = server.requests.find(({ tool }) => tool)
        x.stream()
        x.event(call.says('done'))
      } else polite(x)
    }
    const server = await Scripted.start(script, LEGACY)
    await ends('done', here('client/life.js'), 'calling', server.url)
    await server.close()
  })
})

describe('threads', () => {
  const begin = async (server, hangs) => {
    const worker = new Worker(new URL('client/thread.js', import.meta.url), { workerData: { url: server.url, hangs } })
    const [texts] = await inTime(once(worker, 'message'), 'the thread')
    assert.deepEqual(texts, [...Array(20).keys()].map(String))
    return worker
  }

  test('a client in each of them', () =>
    withPeer(async (server) => {
      const workers = await Promise.all([begin(server), begin(server), begin(server)])
      for (const worker of workers) {
        if (worker.threadId !== -1) assert.deepEqual(await inTime(once(worker, 'exit'), 'the thread’s end'), [0])
      }
    }))

  test('one that is terminated in the midst of a call', () =>
    withPeer(async (server) => {
      const worker = await begin(server, true)
      await server.until('tools/call slow')
      assert.equal(await inTime(worker.terminate(), 'the end'), 1)
      await server.until('client left')
      await begin(server).then((another) => inTime(another.terminate()))
    }))
})

describe('memory', { concurrency: 2 }, () => {
  for (const what of [
    'a call’s memory is given back',
    'clients leave nothing behind',
    'dropped readers leave their room to others',
    'a dropped subscription ends',
    'a reader that is waited for is not collected',
  ]) {
    test(what, () => ends('', '--expose-gc', here('client/memory.js'), what))
  }
})

test('await using, through tsc', () =>
  withPeer(async (server) => {
    const folder = mkdtempSync(here('../using-')) // within the package, so that it can be imported by its name
    try {
      const options = ['--project', here('client/tsconfig.json'), '--outDir', folder]
      execFileSync(process.execPath, [here('../node_modules/typescript/bin/tsc'), ...options])
      await ends('hello\n1,2\nopened,notification\nclosed\n', join(folder, 'test/client/using.js'), server.url)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }))
