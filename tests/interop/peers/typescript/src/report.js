// How a peer and the tests talk: one JSON object a line, on standard input and output.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

/** Tells the tests something, such as that a call has reached the server, or what it saw of a cancel. */
export function report(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** Does what the tests say, until they go: they hold the other end of standard input, so when they go, so does the peer. */
export function obey({ change, update, end }) {
  const input = createInterface({ input: process.stdin });
  input.on('line', (line) => {
    const order = JSON.parse(line);
    if (order === 'end') end();
    else if ('change' in order) change[order.change]();
    else update(order.update);
  });
  input.on('close', () => process.exit(0));
}

/** Listens on a free port of the loopback interface, and reports it with the version of the npm package `sdk`. */
export function listen(sdk, handle) {
  const server = createServer((request, response) => {
    Promise.resolve(handle(request, response)).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1', () => {
    report({ event: 'ready', port: server.address().port, version: versionOf(sdk) });
  });
}

/** The version of a package as installed. Its manifest is no export of it, so the file is read. */
export function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
}
