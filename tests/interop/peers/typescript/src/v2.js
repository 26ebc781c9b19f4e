// A server on `@modelcontextprotocol/server`, the second generation of the TypeScript SDK.
// Usage: node src/v2.js json|sse|stateless

import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer, createMcpHandler } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { sampling, tools } from './fixture.js';
import { listen, serveSessions } from './sessions.js';

const capabilities = { tools: { listChanged: true }, logging: {} };

function build() {
  const server = new McpServer({ name: 'typescript-v2', version: '2' }, { capabilities });
  for (const [name, { input, run }] of Object.entries(tools)) {
    server.registerTool(name, { inputSchema: z.object(input) }, (args, context) =>
      run(args, requestOf(server.server, context)),
    );
  }
  return server;
}

function requestOf(server, { mcpReq, http }) {
  const token = mcpReq._meta?.progressToken;
  return {
    signal: mcpReq.signal,
    closeStream: () => http.closeSSE(),
    progress: async (progress, total) => {
      if (token === undefined) return;
      const params = { progressToken: token, progress, total };
      await mcpReq.notify({ method: 'notifications/progress', params });
    },
    log: async (via, data) => {
      const notification = { method: 'notifications/message', params: { level: 'info', data } };
      await (via === 'call' ? mcpReq.notify(notification) : server.notification(notification));
    },
    ask: async (via) => {
      // `mcpReq.requestSampling` does not name the call, so its request goes out on the standalone stream.
      const request = { method: 'sampling/createMessage', params: sampling };
      const result = await (via === 'call' ? mcpReq.send(request) : server.createMessage(sampling));
      return result.content.text;
    },
  };
}

if (process.argv[2] === 'stateless') {
  // The entry that the SDK offers first: a server object for each request, no sessions.
  listen('@modelcontextprotocol/server', toNodeHandler(createMcpHandler(build)));
} else {
  serveSessions('@modelcontextprotocol/server', process.argv[2] === 'json', async (options) => {
    const transport = new NodeStreamableHTTPServerTransport(options);
    await build().connect(transport);
    return transport;
  });
}
