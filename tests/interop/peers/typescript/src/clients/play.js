// What the tests ask a client for, written once for both generations of the SDK; the entry files give
// the difference, as `open`.
//
// Standard input has one play a line: `{ "play": NAME, "url": URL, .. }`. What the client saw is told as
// one line, `{ "event": "saw", .. }`; that it could not play, as `{ "event": "failed", "why": .. }`. In
// between `{ "event": "waiting" }` asks for a cue, and the next line is it.

import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { report, versionOf } from '../report.js';

/** How long the tests may wait for notifications that are sure to come, in steps of 20 ms. */
const PATIENCE = 1500;

/**
 * Plays until standard input ends, with clients of the npm package `sdk`.
 *
 * `open(task, hear)` connects one to `task.url`, and says `hear(data)` for each log message. It resolves to
 *
 *   client            the SDK's client
 *   transport         its transport
 *   version           the revision that is spoken
 *   callTool          (params, options), whose place the generations do not agree on
 *   ask               sends a request by its bare method
 *   listen            opens a listen stream: (filter, heard), with `heard` called for each change
 */
export async function playWith(sdk, open) {
  const lines = [];
  let arrived = () => {};
  const input = createInterface({ input: process.stdin });
  input.on('line', (line) => {
    lines.push(JSON.parse(line));
    arrived();
  });
  input.on('close', () => process.exit(0));
  const next = async () => {
    while (lines.length === 0) await new Promise((resolve) => (arrived = resolve));
    return lines.shift();
  };

  report({ event: 'ready', version: versionOf(sdk) });
  for (;;) {
    const task = await next();
    const opened = [];
    const messages = [];
    const stage = {
      messages,
      connect: async () => {
        const one = await open(task, (data) => messages.push(data));
        opened.push(one);
        return one;
      },
      cue: async () => {
        report({ event: 'waiting' });
        await next();
      },
    };
    try {
      report({ event: 'saw', ...(await plays[task.play](stage, task)) });
    } catch (error) {
      report({ event: 'failed', why: `${error.stack ?? error}` });
    }
    for (const { client } of opened) await client.close();
  }
}

const plays = {
  async look({ connect }) {
    const { client, version } = await connect();
    const { tools } = await client.listTools();
    const { resources } = await client.listResources();
    const { prompts } = await client.listPrompts();
    return {
      version,
      server: client.getServerVersion()?.name,
      tools: tools.map(({ name }) => name),
      resources: resources.map(({ uri }) => uri),
      prompts: prompts.map(({ name }) => name),
    };
  },

  async read({ connect }, { uri, prompt, arguments: args }) {
    const { client } = await connect();
    const { contents } = await client.readResource({ uri });
    const { messages } = await client.getPrompt({ name: prompt, arguments: args });
    return { resource: contents[0].text, prompt: messages[0].content.text };
  },

  async ping({ connect }) {
    const { client } = await connect();
    await client.ping();
    return {};
  },

  async request({ connect }, { method }) {
    const { ask } = await connect();
    return { answer: await settled(ask(method)) };
  },

  // Hears of changes until the stream ends, or until the cue where the task says to `close`.
  async listen({ connect, cue }, { filter, close }) {
    const { listen } = await connect();
    const heard = [];
    const subscription = await listen(filter, ({ method, params }) => {
      heard.push([method, params?.uri ?? null]);
      report({ event: 'heard', label: method });
    });
    report({ event: 'listening', filter: subscription.honoredFilter });
    if (close) {
      await cue();
      await subscription.close();
    }
    return { heard, end: await subscription.closed };
  },

  // Calls, one after the other or all at once, after the tools are listed if the task says `list`. One with
  // `cue` waits for it first, one with `anew` is made by a new client, one with `cancel` is given up at the
  // cue, one with `max_ms` takes no longer. `log` is the level from which a call wants log messages.
  async calls({ connect, cue, messages }, task) {
    let one = await connect();
    if (task.list) await one.client.listTools();
    const meta = task.log && { _meta: { 'io.modelcontextprotocol/logLevel': task.log } };
    const call = async ({ tool, arguments: args, max_ms: timeout, ...how }) => {
      if (how.cue) await cue();
      // All clients share one pool of connections. When the tests have cut them, the first attempt may meet one
      // that is not yet known to be broken.
      if (how.anew) one = await connect().catch(connect);
      const steps = [];
      const giveUp = new AbortController();
      if (how.cancel) cue().then(() => giveUp.abort('no longer wanted'));
      const answer = await settled(
        one.callTool(
          { name: tool, arguments: args, ...meta },
          { timeout, signal: giveUp.signal, onprogress: ({ progress, total }) => steps.push([progress, total]) },
        ),
      );
      return { ...answer, steps };
    };
    const answers = [];
    if (task.at_once) answers.push(...(await Promise.all(task.calls.map(call))));
    else for (const each of task.calls) answers.push(await call(each));
    for (let tries = 0; messages.length < (task.messages ?? 0) && tries < PATIENCE; tries++) await sleep(20);
    // The SDK's `close` leaves the session to the server.
    if (task.delete) await one.transport.terminateSession();
    return { answers, messages };
  },
};

/** What came of a request: the text of a tool's result, or the error. */
async function settled(request) {
  try {
    const { content, isError } = await request;
    return { text: content?.[0]?.text, failed: isError === true };
  } catch ({ code, message }) {
    return { error: { code, message } };
  }
}

/** What the client answers when the server samples, elicits, or asks for its roots. */
export const sampled = { role: 'assistant', model: 'none', content: { type: 'text', text: 'forty-two' } };
export const elicited = { action: 'accept', content: { answer: 'forty-two' } };
export const rooted = { roots: [{ uri: 'file:///forty-two' }] };
