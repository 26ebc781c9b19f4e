// The loop of the README, as it stands there, against a server of a few lines.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { promisify } from 'node:util'

const results = {
  'server/discover': { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: {} },
  'tools/call': { resultType: 'complete', content: [{ type: 'text', text: 'hello' }] },
}

const answer = async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  const { id, method } = JSON.parse(body)
  const message = JSON.stringify({ jsonrpc: '2.0', id, result: results[method] })
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.end(`data: ${message}\n\n`)
}

test('the loop of the README calls a tool, and ends', async (context) => {
  const server = createServer(answer).listen(0, '127.0.0.1')
  context.after(() => server.close().closeAllConnections())
  await new Promise((ready) => server.once('listening', ready))
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, code] = readme.match(/```js\n(.*?)```/s)
  const program = code.replace('http://127.0.0.1:3000', `http://127.0.0.1:${server.address().port}`)
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: new URL('..', import.meta.url),
    timeout: 60_000,
  })
  assert.deepEqual(JSON.parse(stdout).content, [{ type: 'text', text: 'hello' }])
})
