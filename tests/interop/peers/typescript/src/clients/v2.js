// A client on `@modelcontextprotocol/client`, the second generation of the TypeScript SDK. A task's
// `versions` are those it offers; with `probe` it asks for the era before it speaks.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { elicited, playWith, sampled } from './play.js';

const capabilities = { sampling: {}, elicitation: {} };

await playWith('@modelcontextprotocol/client', async ({ url, versions, probe }, hear) => {
  const client = new Client(
    { name: 'typescript-v2', version: '2' },
    {
      capabilities,
      ...(versions && { supportedProtocolVersions: versions }),
      ...(probe && { versionNegotiation: { mode: 'auto' } }),
    },
  );
  client.setRequestHandler('sampling/createMessage', () => sampled);
  client.setRequestHandler('elicitation/create', () => elicited);
  client.setNotificationHandler('notifications/message', ({ params }) => hear(params.data));
  client.onerror = (error) => console.error(error);
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport);
  return {
    client,
    transport,
    callTool: (params, options) => client.callTool(params, options),
    ask: (method) => client.request({ method }, z.looseObject({})),
  };
});
