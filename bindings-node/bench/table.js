/** What is measured, and the table of it. */

const ERAS = ['modern', 'legacy']
const AT_ONCE = [1, 64]
const NAMES = {
  client: [
    'ours',
    'ours on fetch',
    'official',
    'official on ours',
    'official v1',
    'official v1 on ours',
    'only node:http',
    'only fetch',
  ],
  server: [
    'ours',
    'ours as web handler',
    'official',
    'official, JSON only',
    'official on ours',
    'official v1',
    'official v1, JSON only',
    'official v1 on ours',
    'only node:http',
  ],
}

/** The first generation of the SDK knows no modern era. */
const isThere = (era, name) => era === 'legacy' || !name.startsWith('official v1')

/** All that is measured: a side, an era, a name, and how many calls at once. */
export const ROWS = Object.entries(NAMES).flatMap(([side, names]) =>
  ERAS.flatMap((era) =>
    names
      .filter((name) => isThere(era, name))
      .flatMap((name) => AT_ONCE.map((atOnce) => ({ side, era, name, atOnce }))),
  ),
)

/** A row by its name. */
export const keyOf = ({ side, era, name, atOnce }) => `${side}/${era}/${name}/${atOnce}`

/** What was measured, by the names of the rows, each beside the official one. */
export const table = (measured) => {
  const lines = [`${'us of CPU for a call'.padEnd(40)}${'one by one'.padStart(12)}${'64 at once'.padStart(20)}`]
  for (const row of ROWS.filter(({ atOnce }) => atOnce === 1)) {
    const cells = AT_ONCE.map((atOnce) => {
      const mine = measured.get(keyOf({ ...row, atOnce }))
      const theirs = measured.get(keyOf({ ...row, name: 'official', atOnce }))
      if (mine === undefined) return ''.padStart(20)
      return mine.toFixed(0).padStart(12) + (theirs ? `${Math.round((100 * mine) / theirs)}%` : '').padStart(8)
    })
    const line = `${row.side}, ${row.era}: ${row.name}`.padEnd(40) + cells.join('')
    if (cells.some((cell) => cell.trim() !== '')) lines.push(line.trimEnd())
  }
  return lines.join('\n')
}
