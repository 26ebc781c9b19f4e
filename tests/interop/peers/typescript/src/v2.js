// A server on `@modelcontextprotocol/server`, the second generation of the TypeScript SDK.
// Usage: node src/v2.js json|sse|stateless|legacy|modern
//
// `json` and `sse` serve legacy sessions and the modern era at one endpoint, and answer so in both; `stateless`
// is what the SDK offers first, both eras without sessions; `legacy` and `modern` know one era only.

import { text } from 'node:stream/consumers';
import { NodeStreamableHTTPServerTransport, toNodeHandler, toWebRequest } from '@modelcontextprotocol/node';
import { McpServer, createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { offer, questions, said } from './fixture.js';
import { askByResult } from './modern.js';
import { listen, obey } from './report.js';
import { sessions } from './sessions.js';

const SDK = '@modelcontextprotocol/server';
const mode = process.argv[2];
const capabilities = {
  logging: {},
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  tools: { listChanged: true },
};

function build({ era }) {
  const server = new McpServer({ name: 'typescript-v2', version: '2' }, { capabilities });
  offer(server, z.object, (context) => requestOf(server.server, context, era));
  return server;
}

function requestOf(server, { mcpReq, http }, era) {
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
      // In the modern era the request says which messages it wants, and the SDK sees to it.
      if (era === 'modern') return mcpReq.log('info', data);
      const notification = { method: 'notifications/message', params: { level: 'info', data } };
      await (via === 'call' ? mcpReq.notify(notification) : server.notification(notification));
    },
    ask: async (via, kind) => {
      // `mcpReq.requestSampling` does not name the call, so its request goes out on the standalone stream.
      const request = { method: 'sampling/createMessage', params: questions.sampling };
      const result = await (via === 'call' ? mcpReq.send(request) : server.createMessage(questions.sampling));
      return said[kind](result);
    },
    ...(era === 'modern' && { require: (args) => askByResult(args, mcpReq) }),
  };
}

const handler = createMcpHandler(build, {
  legacy: mode === 'stateless' ? 'stateless' : 'reject',
  responseMode: mode === 'json' || mode === 'sse' ? mode : 'auto',
});
const serve = toNodeHandler(handler);
const legacy = sessions(mode === 'json', async (options) => {
  const transport = new NodeStreamableHTTPServerTransport(options);
  await build({ era: 'legacy' }).connect(transport);
  return transport;
});

listen(SDK, async (request, response) => {
  if (mode === 'legacy') return legacy(request, response);
  if (mode === 'stateless' || mode === 'modern') return serve(request, response);
  const read = await text(request);
  const body = read ? JSON.parse(read) : undefined;
  const isLegacy = await isLegacyRequest(await toWebRequest(request, body), body);
  return isLegacy ? legacy(request, response, body) : serve(request, response, body);
});

const { toolsChanged, promptsChanged, resourcesChanged, resourceUpdated } = handler.notify;
obey({
  change: { tools: toolsChanged, prompts: promptsChanged, resources: resourcesChanged },
  update: resourceUpdated,
  end: handler.close,
});
