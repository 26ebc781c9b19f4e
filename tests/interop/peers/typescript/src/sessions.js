// Legacy sessions over node:http, as both generations of the SDK leave them to the application: one
// transport and one server object for each session, found by the session id.

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { MemoryEventStore } from './event-store.js';
import { exitWithTests, report, versionOf } from './report.js';

/**
 * Serves sessions of the npm package `sdk` until standard input ends.
 *
 * `open(options)` makes a transport of the SDK, connected to a new server object.
 */
export function serveSessions(sdk, json, open) {
  const sessions = new Map();
  listen(sdk, async (request, response) => {
    const id = request.headers['mcp-session-id'];
    let transport = sessions.get(id);
    if (!transport) {
      if (id !== undefined) {
        response.writeHead(404, { 'content-type': 'application/json' });
        const error = { code: -32001, message: 'Session not found' };
        response.end(JSON.stringify({ jsonrpc: '2.0', error, id: null }));
        return;
      }
      transport = await open({
        sessionIdGenerator: randomUUID,
        enableJsonResponse: json,
        eventStore: new MemoryEventStore(),
        // What the client is told to wait before it resumes.
        retryInterval: 100,
        onsessioninitialized: (session) => sessions.set(session, transport),
        onsessionclosed: (session) => sessions.delete(session),
      });
    }
    await transport.handleRequest(request, response);
  });
}

/** Listens on a free port of the loopback interface, and reports it with the version of `sdk`. */
export function listen(sdk, handle) {
  exitWithTests();
  const server = createServer((request, response) => {
    Promise.resolve(handle(request, response)).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1', () => {
    report({ event: 'ready', port: server.address().port, version: versionOf(sdk) });
  });
}
