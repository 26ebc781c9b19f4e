/**
 * The server that the official conformance suite tests: an `App` on `node:http`, both eras at one endpoint.
 *
 *     node server/main.js [--port PORT] [--fixture FOLDER]
 *
 * What it offers and what it does is data, in `tests/conformance/fixture`; this program only reads and plays it, and
 * knows of no scenario. It is an example of a full server, too:
 *
 * | to see how | look in |
 * |---|---|
 * | a server is set up, and a session keeps something of its own | here, `log.js` |
 * | requests become results | `host.js`, `completion.js` |
 * | progress, log messages, notifications go out | `run.js`, `call.js` |
 * | the client is asked, in each era | `call.js`, `asking.js`, `rounds.js` |
 * | a request becomes a task | `tasks.js`, `task.js` |
 */

import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { App } from 'mcp-sansio'

import { Fixture } from './fixture.js'
import { Host } from './host.js'
import { LogLevel } from './log.js'

/** How long requests in flight may still take after Ctrl-C, in milliseconds. */
const GRACE = 1_000

/** A server of what the fixture describes. */
const appOf = (fixture) => {
  const { info, instructions, capabilities } = fixture.about
  const host = new Host(fixture, (method, params) => app.notifyAll(method, params))
  const app = new App(
    { name: info.name, version: info.version, info, instructions, capabilities },
    {
      request: (request) => host.answer(request),
      session: (session) => {
        const log = new LogLevel()
        return session.run((request) => host.answer(request, log))
      },
    },
  )
  // The arguments that stand in headers, too, are checked from the first call on.
  app.declareTools(fixture.tools.map(({ listed }) => listed))
  return app
}

const { values: given } = parseArgs({
  options: {
    port: { type: 'string', default: process.env.PORT ?? '0' }, // 0 is any free one
    fixture: { type: 'string', default: fileURLToPath(new URL('../../../fixture', import.meta.url)) },
  },
})
const app = appOf(new Fixture(given.fixture))
const server = createServer(app.node).listen(Number(given.port), '127.0.0.1')
await once(server, 'listening')
// A script that started this waits for the line.
console.log(`http://127.0.0.1:${server.address().port}/mcp`)

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
server.close()
await app.close(GRACE)
server.closeIdleConnections()
