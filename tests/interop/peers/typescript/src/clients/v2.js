// A client on `@modelcontextprotocol/client`, the second generation of the TypeScript SDK. A task's `era` is the
// one that it asks for: `legacy`, `modern`, or `auto`; its `versions` are those that it offers in the legacy era.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { elicited, playWith, rooted, sampled } from './play.js';

const capabilities = { sampling: {}, elicitation: {}, roots: {} };
const modes = { legacy: 'legacy', auto: 'auto', modern: { pin: '2026-07-28' } };
const changes = [
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
  'notifications/resources/updated',
];

await playWith('@modelcontextprotocol/client', async ({ url, versions, era }, hear) => {
  const client = new Client(
    { name: 'typescript-v2', version: '2' },
    {
      capabilities,
      ...(versions && { supportedProtocolVersions: versions }),
      versionNegotiation: { mode: modes[era] },
    },
  );
  client.setRequestHandler('sampling/createMessage', () => sampled);
  client.setRequestHandler('elicitation/create', () => elicited);
  client.setRequestHandler('roots/list', () => rooted);
  client.setNotificationHandler('notifications/message', ({ params }) => hear(params.data));
  client.onerror = (error) => console.error(error);
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport);
  return {
    client,
    transport,
    version: client.getNegotiatedProtocolVersion(),
    callTool: (params, options) => client.callTool(params, options),
    ask: (method) => client.request({ method }, z.looseObject({})),
    listen: (filter, heard) => {
      for (const method of changes) client.setNotificationHandler(method, heard);
      return client.listen(filter);
    },
  };
});
