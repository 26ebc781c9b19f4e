import { readFileSync } from 'node:fs';

// What a peer tells the tests: one JSON object a line on standard output. The tests read it to know
// when a call has reached the server, and what the server saw of a cancel or of a session's end.

export function report(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

// The tests hold the other end of standard input. When they go, however they go, so does the peer.
export function exitWithTests() {
  process.stdin.on('end', () => process.exit(0));
  process.stdin.on('error', () => process.exit(0));
  process.stdin.resume();
}

/** The version of a package as installed. Its manifest is no export of it, so the file is read. */
export function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
}
