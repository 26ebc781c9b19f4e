// What the machines promise, checked after every step of sequences that fast-check makes up. The Rust tests check all
// promises; here it is the classes that must keep what can be seen from JavaScript.
import { test } from 'node:test'

import * as fc from 'fast-check'

import * as client from './promises/client.js'
import { holds, met, play, steps } from './promises/holds.js'
import * as server from './promises/server.js'

test('a client keeps its promises', (t) => {
  const property = fc.property(client.start, steps(client.kinds), (start, taken) =>
    play(new client.ClientWorld(start), taken),
  )
  holds(t, 600, property)
  met(client.seen, 'closed, listenEnded, listenGap, listenOpened, notice, notification, progress')
  met(client.seen, 'request, sessionChanged, settled, unauthorized, withdrawn')
})

test('a server keeps its promises', (t) => {
  const property = fc.property(server.start, steps(server.kinds), (start, taken) =>
    play(new server.ServerWorld(start), taken),
  )
  holds(t, 600, property)
  met(server.seen, 'abort, chunk, end, head, notice, notification, request, result')
  met(server.seen, 'sessionEnded, sessionStarted, settled, shutDown, withdrawn')
})
