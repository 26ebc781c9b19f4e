/**
 * Prints what the tests came to, file by file, and of what failed everything, also what its file wrote meanwhile. A test
 * that is skipped fails the run: what cannot run here does not belong here.
 */
import { relative } from 'node:path'
import { inspect } from 'node:util'

const here = new URL('.', import.meta.url).pathname

/** What node says of all tests together, which stands in the last line here. */
const SUMMARY = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/

/** What the tests of one file came to. */
const nothing = () => ({ passed: 0, failed: 0, skipped: 0, took: 0, counted: [], written: '' })

const line = (name, { passed, failed, skipped, took, counted }) => {
  const wrong = [failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`]
  const more = [...wrong, ...counted].filter(Boolean).join(', ')
  return `${name.padEnd(40)} ${String(passed).padStart(5)} ${(took / 1000).toFixed(1).padStart(6)} s  ${more}`.trimEnd()
}

const failure = ({ name, file, line: at, details }) => {
  const { error } = details
  return `\n✗ ${name}\n  ${file}:${at}\n${inspect(error.cause ?? error).replace(/^/gm, '  ')}\n\n`
}

export default async function* totals(source) {
  const files = new Map()
  for await (const { type, data } of source) {
    if (type === 'test:diagnostic' && data.file === undefined && !SUMMARY.test(data.message)) yield `${data.message}\n`
    if (data?.file === undefined) continue
    const name = relative(here, data.file)
    const file = files.get(name) ?? files.set(name, nothing()).get(name)
    if (type === 'test:stderr' || type === 'test:stdout') file.written += data.message
    if (type === 'test:diagnostic') file.counted.push(data.message)
    if (type !== 'test:pass' && type !== 'test:fail') continue
    if (data.nesting === 0) file.took += data.details.duration_ms
    if (data.details.type === 'suite') continue
    const isSkipped = data.skip !== undefined || data.todo !== undefined
    file[isSkipped ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed'] += 1
    if (type === 'test:fail') yield failure(data)
  }
  const all = nothing()
  for (const [name, file] of [...files].sort()) {
    if (file.failed > 0) yield file.written
    yield `${line(name, file)}\n`
    for (const key of ['passed', 'failed', 'skipped', 'took']) all[key] += file[key]
  }
  yield `${line('all', all)}\n`
  if (all.skipped > 0 || all.failed > 0) process.exitCode = 1
}
