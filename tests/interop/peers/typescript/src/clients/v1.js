// A client on `@modelcontextprotocol/sdk`, the first generation of the TypeScript SDK.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
  ResultSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { elicited, playWith, sampled } from './play.js';

const capabilities = { sampling: {}, elicitation: {} };

await playWith('@modelcontextprotocol/sdk', async ({ url }, hear) => {
  const client = new Client({ name: 'typescript-v1', version: '1' }, { capabilities });
  client.setRequestHandler(CreateMessageRequestSchema, () => sampled);
  client.setRequestHandler(ElicitRequestSchema, () => elicited);
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => hear(params.data));
  client.onerror = (error) => console.error(error);
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport);
  return {
    client,
    transport,
    version: transport.protocolVersion,
    callTool: (params, options) => client.callTool(params, undefined, options),
    ask: (method) => client.request({ method }, ResultSchema),
  };
});
