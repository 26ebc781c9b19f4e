// The examples for the SDK, as programs.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const example = (name) => fileURLToPath(new URL(`../examples/${name}`, import.meta.url))
const run = promisify(execFile)

const said = (version) => `speaking ${version}
tools: count
1 of 3: that was 1
2 of 3: that was 2
3 of 3: that was 3
counted to 3
`

test('the client and the server of the SDK', async (t) => {
  const server = spawn(process.execPath, [example('sdk-server.mjs'), '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => server.kill('SIGKILL'))
  const [url] = await once(createInterface(server.stdout), 'line')
  const { stdout } = await run(process.execPath, [example('sdk-client.mjs'), url])
  assert.equal(stdout, said('2026-07-28'))
  server.kill('SIGTERM')
  assert.deepEqual(await once(server, 'exit'), [0, null])
})

test('the client, when there is no server', async () => {
  const failed = await run(process.execPath, [example('sdk-client.mjs'), 'http://127.0.0.1:1/mcp']).catch(
    (error) => error,
  )
  assert.equal(failed.code, 1)
  assert.match(failed.stderr, /cannot be reached/)
})

test('with require', async () => {
  const program = `
    const { Client: V1 } = require('@modelcontextprotocol/sdk/client/index.js')
    const { McpServer: ServerV1 } = require('@modelcontextprotocol/sdk/server/mcp.js')
    const { Client: V2 } = require('@modelcontextprotocol/client')
    const { McpServer: ServerV2 } = require('@modelcontextprotocol/server')
    const v1 = require('mcp-sansio/sdk/v1')
    const v2 = { ...require('mcp-sansio/sdk/v2/client'), ...require('mcp-sansio/sdk/v2/server') }
    const info = { name: 'test', version: '1' }
    const check = async (Client, Server, { createMcpHandler, StreamableHTTPClientTransport }, options) => {
      const handler = createMcpHandler(() => {
        const server = new Server(info)
        server.registerTool('hello', {}, async () => ({ content: [{ type: 'text', text: 'hello' }] }))
        return server
      })
      const client = new Client(info, options)
      const fetch = (url, init) => handler.fetch(new Request(url, init))
      await client.connect(new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), { fetch }))
      console.log((await client.callTool({ name: 'hello' })).content[0].text)
      await client.close()
      await handler.close()
    }
    check(V1, ServerV1, v1).then(() => check(V2, ServerV2, v2, { versionNegotiation: { mode: 'auto' } }))
  `
  const { stdout } = await run(process.execPath, ['--input-type=commonjs', '-e', program], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  })
  assert.equal(stdout, 'hello\nhello\n')
})
