// A thread that runs the promises of machines until it is told to stop, and says how often it did.
import { parentPort, workerData } from 'node:worker_threads'

import * as fc from 'fast-check'

import * as client from '../promises/client.js'
import { play, steps } from '../promises/holds.js'
import * as server from '../promises/server.js'

const worlds = [
  fc.property(client.start, steps(client.kinds), (start, taken) => play(new client.ClientWorld(start), taken)),
  fc.property(server.start, steps(server.kinds), (start, taken) => play(new server.ServerWorld(start), taken)),
]

for (let round = 0; round < workerData.rounds; round += 1) {
  for (const world of worlds) fc.assert(world, { seed: workerData.seed + round, numRuns: 10 })
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
  parentPort.postMessage(round)
}
