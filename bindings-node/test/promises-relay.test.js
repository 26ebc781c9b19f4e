// Hosts that speak JSON-RPC themselves: every request that they hand to `send` comes back exactly once, answered.
import { test } from 'node:test'

import * as fc from 'fast-check'

import { holds, met, play, steps } from './promises/holds.js'
import * as client from './promises/relay-client.js'
import * as server from './promises/relay-server.js'

test("a client's relay answers every request of its host once", (t) => {
  const property = fc.property(client.start, steps(client.kinds), (start, taken) =>
    play(new client.RelayWorld(start), taken),
  )
  holds(t, 600, property)
  met(client.seen, 'result, error, closed, connection_lost, http_status, misuse, overloaded, timed_out, unreachable')
  met(client.seen, 'request, withdrawn, replaced, notification, notifications/progress via')
  met(client.seen, 'notifications/subscriptions/acknowledged via')
})

test("a server's relay answers every request of its host once, and hands every request of a client over once", (t) => {
  const property = fc.property(server.start, steps(server.kinds), (start, taken) =>
    play(new server.RelayWorld(start), taken),
  )
  holds(t, 600, property)
  met(server.seen, 'result, cancelled, misuse, replaced, session_lost, timed_out, undeliverable')
  met(server.seen, 'initialize, tools/call, subscriptions/listen, notification, withdrawn')
})
