// What every peer offers, written once for both generations of the SDK: tools, a resource and a prompt. What
// a tool needs of the SDK comes as a `Request`, which the entry files build from their own context objects:
//
//   progress(done, total)  tells the progress of this call, if the client asked for it
//   log(via, text)         sends a log message on the call's own stream or on the standalone stream
//   ask(via, kind)         asks the client, the same two ways, and resolves to what it said
//   closeStream()          ends the call's own stream, so that the client has to resume
//   signal                 aborts when the client cancels
//   require(args)          in the modern era: the result of `ask`, which may be that input is required

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { report } from './report.js';

const via = z.enum(['call', 'standalone']);
const kind = z.enum(['sampling', 'elicitation', 'roots', 'all', 'rounds']).default('sampling');
export const text = (value) => ({ content: [{ type: 'text', text: String(value) }] });

/** What is asked of the client, as params of the request. */
export const questions = {
  sampling: {
    messages: [{ role: 'user', content: { type: 'text', text: 'What is the answer?' } }],
    maxTokens: 16,
  },
  elicitation: {
    mode: 'form',
    message: 'What is the answer?',
    requestedSchema: { type: 'object', properties: { answer: { type: 'string' } } },
  },
};

/** What the client said, of the result of a question. */
export const said = {
  sampling: ({ content }) => content.text,
  elicitation: ({ content }) => content.answer,
  roots: ({ roots }) => roots[0].uri,
};

export const resource = { name: 'greeting', uri: 'test://greeting', mimeType: 'text/plain', text: 'good day' };
export const prompt = {
  name: 'greet',
  arguments: { name: z.string() },
  run: ({ name }) => ({ messages: [{ role: 'user', content: { type: 'text', text: `Greet ${name}.` } }] }),
};

export const tools = {
  echo: {
    input: { text: z.string() },
    run: async (args) => text(args.text),
  },
  add: {
    input: { a: z.number().int(), b: z.number().int() },
    run: async ({ a, b }) => text(a + b),
  },
  slow: {
    input: { label: z.string(), steps: z.number().int(), step_ms: z.number().int() },
    run: async ({ label, steps, step_ms }, request) => {
      report({ event: 'started', label });
      for (let step = 1; step <= steps; step++) {
        try {
          await sleep(step_ms, undefined, { signal: request.signal });
        } catch (aborted) {
          report({ event: 'cancelled', label });
          throw aborted;
        }
        await request.progress(step, steps);
      }
      return text(`${label} done`);
    },
  },
  ask: {
    input: { via, kind },
    run: async (args, request) => request.require?.(args) ?? text(await request.ask(args.via, args.kind)),
  },
  drop: {
    input: {},
    run: async (_args, request) => {
      await request.log('call', 'before the drop');
      request.closeStream();
      await sleep(300);
      await request.log('call', 'after the drop');
      return text('resumed');
    },
  },
  notify: {
    input: { via, text: z.string() },
    run: async (args, request) => {
      await request.log(args.via, args.text);
      return text('sent');
    },
  },
  // In the modern era its marked arguments come as headers too, and the SDK compares them.
  mirror: {
    input: {
      region: z.string().meta({ 'x-mcp-header': 'Region' }),
      level: z.number().int().meta({ 'x-mcp-header': 'Level' }),
      plain: z.string(),
    },
    run: async ({ region, level, plain }) => text([region, level, plain].join(' ')),
  },
  fail: {
    input: {},
    run: async () => {
      throw new Error('failed on purpose');
    },
  },
};

/** Registers all of it with an `McpServer` of either generation; `requestOf` builds a `Request`. */
export function offer(server, schemaOf, requestOf) {
  for (const [name, { input, run }] of Object.entries(tools)) {
    server.registerTool(name, { inputSchema: schemaOf(input) }, (args, context) => run(args, requestOf(context)));
  }
  const { name, uri, mimeType } = resource;
  server.registerResource(name, uri, { mimeType }, () => ({ contents: [{ uri, mimeType, text: resource.text }] }));
  server.registerPrompt(prompt.name, { argsSchema: schemaOf(prompt.arguments) }, prompt.run);
}
