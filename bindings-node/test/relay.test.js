// Machines for hosts that speak JSON-RPC themselves.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Client, Server } from 'mcp-sansio'

const request = (id, method, params = {}) => JSON.stringify({ jsonrpc: '2.0', id, method, params })
const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'host', version: '1' } }
const only = ({ outputs }, type) => outputs.filter((output) => output.type === type)

test('a message of the host goes out, and comes back once', () => {
  const client = new Client('http://server.test/mcp', null, {}, { relay: true })
  client.send(0, request('mine', 'initialize', initialize))
  const [open] = only(client.drain(), 'open')
  assert.equal(JSON.parse(open.body).method, 'initialize')
  client.failed(5, open.exchange, 'connection refused', true)
  const [message] = only(client.drain(), 'message')
  assert.equal(message.answers, '"mine"')
  assert.equal(JSON.parse(message.text).id, 'mine')
  assert.equal(message.failure.execution, 'unknown')
})

test('what the host cancels comes back as cancelled', () => {
  const client = new Client('http://server.test/mcp', null, {}, { relay: true })
  client.send(0, request(7, 'initialize', initialize))
  client.drain()
  client.cancelMessage(1, '7')
  const [message] = only(client.drain(), 'message')
  assert.deepEqual([message.answers, message.failure.kind], ['7', 'cancelled'])
})

test('a request of a client reaches the host under a handle, and its answer goes back under its id', () => {
  const server = new Server(null, { sessions: false }, { relay: true })
  const headers = {
    host: 'localhost',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }
  const exchange = server.accept(0, 'POST', headers)
  server.chunk(0, exchange, Buffer.from(request('theirs', 'tools/list')))
  server.end(0, exchange)
  const [message] = only(server.drain(), 'message')
  const { id, method } = JSON.parse(message.text)
  assert.deepEqual([id, method], [message.obligation, 'tools/list'])
  server.send(0, JSON.stringify({ jsonrpc: '2.0', id, result: { tools: [] } }), { via: message.obligation })
  const [head] = only(server.drain(), 'head')
  assert.deepEqual(JSON.parse(head.body), { jsonrpc: '2.0', id: 'theirs', result: { tools: [] } })
})
