// A server on `@modelcontextprotocol/sdk`, the first generation of the TypeScript SDK.
// Usage: node src/v1.js json|sse|http-sse
//
// `http-sse` is the transport of the first revision, with a stream for all answers.

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CreateMessageResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { offer, questions, said } from './fixture.js';
import { listen, obey } from './report.js';
import { sessions } from './sessions.js';

const mode = process.argv[2];
const capabilities = { tools: { listChanged: true }, logging: {} };

function build() {
  const server = new McpServer({ name: 'typescript-v1', version: '1' }, { capabilities });
  offer(server, (input) => input, (extra) => requestOf(server.server, extra));
  return server;
}

function requestOf(server, extra) {
  const token = extra._meta?.progressToken;
  return {
    signal: extra.signal,
    closeStream: () => extra.closeSSEStream(),
    progress: async (progress, total) => {
      if (token === undefined) return;
      const params = { progressToken: token, progress, total };
      await extra.sendNotification({ method: 'notifications/progress', params });
    },
    log: async (via, data) => {
      const notification = { method: 'notifications/message', params: { level: 'info', data } };
      await (via === 'call' ? extra.sendNotification(notification) : server.notification(notification));
    },
    ask: async (via, kind) => {
      const request = { method: 'sampling/createMessage', params: questions.sampling };
      const result = await (via === 'call'
        ? extra.sendRequest(request, CreateMessageResultSchema)
        : server.request(request, CreateMessageResultSchema));
      return said[kind](result);
    },
  };
}

/** Serves the old transport: a GET opens the session's stream, and its messages are POSTed to the path it names. */
function httpSse() {
  const transports = new Map();
  return async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://here');
    if (pathname === '/mcp' && request.method === 'GET') {
      const transport = new SSEServerTransport('/messages', response);
      transports.set(transport.sessionId, transport);
      response.on('close', () => transports.delete(transport.sessionId));
      await build().connect(transport);
      return;
    }
    const transport = pathname === '/messages' && transports.get(searchParams.get('sessionId'));
    if (transport) {
      await transport.handlePostMessage(request, response);
      return;
    }
    response.writeHead(pathname === '/mcp' ? 405 : 404).end();
  };
}

const streamable = () =>
  sessions(mode === 'json', async (options) => {
    const transport = new StreamableHTTPServerTransport(options);
    await build().connect(transport);
    return transport;
  });

listen('@modelcontextprotocol/sdk', mode === 'http-sse' ? httpSse() : streamable());
obey({});
