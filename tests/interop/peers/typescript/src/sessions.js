// Legacy sessions over node:http, as both generations of the SDK leave them to the application: one
// transport and one server object for each session, found by the session id.

import { randomUUID } from 'node:crypto';
import { MemoryEventStore } from './event-store.js';

/** A handler of requests, whose body may have been read. `open(options)` makes a transport of the SDK, connected to a new server object. */
export function sessions(json, open) {
  const transports = new Map();
  return async (request, response, body) => {
    const id = request.headers['mcp-session-id'];
    let transport = transports.get(id);
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
        onsessioninitialized: (session) => transports.set(session, transport),
        onsessionclosed: (session) => transports.delete(session),
      });
    }
    await transport.handleRequest(request, response, body);
  };
}
