// A server on `@modelcontextprotocol/sdk`, the first generation of the TypeScript SDK.
// Usage: node src/v1.js json|sse

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CreateMessageResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { sampling, tools } from './fixture.js';
import { serveSessions } from './sessions.js';

const capabilities = { tools: { listChanged: true }, logging: {} };

function build() {
  const server = new McpServer({ name: 'typescript-v1', version: '1' }, { capabilities });
  for (const [name, { input, run }] of Object.entries(tools)) {
    server.registerTool(name, { inputSchema: input }, (args, extra) => run(args, requestOf(server.server, extra)));
  }
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
    ask: async (via) => {
      const request = { method: 'sampling/createMessage', params: sampling };
      const result = await (via === 'call'
        ? extra.sendRequest(request, CreateMessageResultSchema)
        : server.request(request, CreateMessageResultSchema));
      return result.content.text;
    },
  };
}

serveSessions('@modelcontextprotocol/sdk', process.argv[2] === 'json', async (options) => {
  const transport = new StreamableHTTPServerTransport(options);
  await build().connect(transport);
  return transport;
});
