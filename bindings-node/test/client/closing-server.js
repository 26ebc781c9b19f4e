// A server, in a thread of its own, that closes each connection 100 ms after it was used, and says so to nobody.
import { parentPort } from 'node:worker_threads'

import { MODERN, polite, Scripted } from './server.js'

const closing = new WeakMap()

const server = await Scripted.start((x) => {
  clearTimeout(closing.get(x.socket))
  polite(x)
  closing.set(
    x.socket,
    setTimeout(() => x.socket.end(), 100),
  )
}, MODERN)
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
parentPort.postMessage(server.url)
