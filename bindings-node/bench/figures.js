/** Measures all that the command line names: what calls cost in turns, crossings, memory; and prints the tables. */

import { parseArgs } from 'node:util'

import { measure } from './cpu.js'
import { crossings } from './crossings.js'
import { memory } from './memory.js'
import { keyOf, ROWS, table } from './table.js'

const { values: given, positionals: parts } = parseArgs({
  allowPositionals: true,
  options: { serve: { type: 'string' }, rounds: { type: 'string', default: '3' } },
})
const isChosen = (name) => parts.length === 0 || parts.some((part) => name.includes(part))
const rows = ROWS.filter((row) => isChosen(keyOf(row)))
const best = new Map()
for (let round = 1; round <= Number(given.rounds); round += 1) {
  for (const row of rows) {
    const key = keyOf(row)
    process.stderr.write(`\rround ${round}: ${key}`.padEnd(70))
    best.set(key, Math.min(await measure(row, given.serve), best.get(key) ?? Infinity))
  }
}
process.stderr.write('\n')
if (rows.length > 0) console.log(`${table(best)}\n`)
if (isChosen('crossings')) console.log(`${crossings()}\n`)
if (isChosen('memory')) console.log(await memory(given.serve))
