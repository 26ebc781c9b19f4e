// The tools that every peer offers, written once for both generations of the SDK. What they need of
// the SDK comes as a `Request`, which the two entry files build from their own context objects:
//
//   progress(done, total)  tells the progress of this call, if the client asked for it
//   log(via, text)         sends a log message on the call's own stream or on the standalone stream
//   ask(via)               asks the client to sample, the same two ways, and resolves to its text
//   closeStream()          ends the call's own stream, so that the client has to resume
//   signal                 aborts when the client cancels

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { report } from './report.js';

const via = z.enum(['call', 'standalone']);
const text = (value) => ({ content: [{ type: 'text', text: String(value) }] });

export const sampling = {
  messages: [{ role: 'user', content: { type: 'text', text: 'What is the answer?' } }],
  maxTokens: 16,
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
    input: { via },
    run: async (args, request) => text(await request.ask(args.via)),
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
  fail: {
    input: {},
    run: async () => {
      throw new Error('failed on purpose');
    },
  },
};
