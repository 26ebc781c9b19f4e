// HTTP servers and frameworks that an app runs under.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { Readable } from 'node:stream'

import { serve } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'

import { logging, Site, within } from './site.js'

const listening = async (server) => {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

/** For each host what starts it, and gives the server. */
export const HOSTS = {
  'node:http': (app) => listening(createServer(app.node)),
  express: (app) => listening(createServer(express().all('/mcp', app.node))),
  'express.json()': (app) => listening(createServer(express().use(express.json()).all('/mcp', app.node))),
  fastify: async (app) => {
    const server = fastify()
    // Whatever it is, it is left to the app.
    server.removeAllContentTypeParsers()
    server.addContentTypeParser('*', (_request, _body, done) => done(null))
    server.all('/mcp', (request, reply) => {
      reply.hijack()
      app.node(request.raw, reply.raw)
    })
    await server.listen({ port: 0, host: '127.0.0.1' })
    return server.server
  },
  'fastify, parsing': async (app) => {
    const server = fastify()
    server.all('/mcp', (request, reply) => {
      reply.hijack()
      app.node(request.raw, reply.raw, { body: request.body })
    })
    await server.listen({ port: 0, host: '127.0.0.1' })
    return server.server
  },
  hono: (app) => {
    const outer = new Hono().all('/mcp', (c) => app.fetch(c.req.raw))
    return listening(serve({ fetch: outer.fetch, port: 0, hostname: '127.0.0.1' }))
  },
  'a fetch handler': (app) => listening(serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })),
  'node:http2': (app) => listening(createHttp2Server(app.node)),
}

/** Runs a test against an app under a host. */
export const hosted = async (kind, handler, options, run) => {
  const { app, logged } = logging(handler, options)
  const server = await HOSTS[kind](app)
  const { port } = server.address()
  const sessions = new Set()
  server.on('session', (session) => sessions.add(session))
  const carry = kind === 'node:http2' ? overHttp2(port) : overHttp1(port)
  const here = Object.assign(new Site(app, logged, carry), { port, server })
  try {
    await run(here)
    await here.end()
  } finally {
    carry.close?.()
    for (const session of sessions) session.destroy()
    server.closeAllConnections?.()
    await within(new Promise((resolve) => void server.close(resolve)))
  }
}

const overHttp1 = (port) => (method, headers, body, signal) =>
  fetch(`http://127.0.0.1:${port}/mcp`, {
    method,
    headers,
    body,
    signal,
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  })

/** Node's fetch speaks no HTTP/2. */
const overHttp2 = (port) => {
  const connection = connectHttp2(`http://127.0.0.1:${port}`)
  connection.on('error', () => {})
  const carry = async (method, headers, body, signal) => {
    const stream = connection.request({ ':path': '/mcp', ':method': method, ...headers })
    signal.addEventListener('abort', () => stream.close(8))
    stream.on('error', () => {})
    stream.end(body)
    const [fields] = await once(stream, 'response')
    const plain = Object.entries(fields).filter(([name]) => !name.startsWith(':'))
    const none = [204, 304].includes(fields[':status'])
    return new Response(none ? null : Readable.toWeb(stream), { status: fields[':status'], headers: plain })
  }
  return Object.assign(carry, { close: () => connection.destroy() })
}
