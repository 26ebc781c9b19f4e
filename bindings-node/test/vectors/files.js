// Vectors: reading their files.
import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../../../tests/vectors/', import.meta.url)
const kindsOfLines = new Set(['now,input', 'output', 'room', 'deadline', 'inspect'])

/** All vectors that there are. */
export const names = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .sort()

const lines = (name) => {
  const numbered = readFileSync(new URL(name, folder), 'utf8')
    .split('\n')
    .map((text, index) => [text, `${name}:${index + 1}`])
  return numbered.filter(([text]) => text.trim() !== '').map(([text, place]) => ({ place, ...JSON.parse(text) }))
}

/** A vector, its prelude before it. */
export const load = (name) => {
  const [{ place: _place, ...header }, ...own] = lines(name)
  const all = header.prelude === undefined ? own : [...lines(`preludes/${header.prelude}.jsonl`), ...own]
  for (const { place, ...line } of all) {
    if (!kindsOfLines.has(Object.keys(line).join())) throw new Error(`${place}: no line has these members`)
  }
  return { name, header, config: header.config ?? {}, lines: all }
}
