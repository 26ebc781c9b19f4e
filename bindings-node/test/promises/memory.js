// What the process holds.
import { setImmediate as tick } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

const MIB = 1 << 20

/** Collects all that nobody has; what native code holds for it goes some turns later. */
export const collected = async () => {
  for (let turn = 0; turn < 5; turn += 1) {
    collect()
    await tick()
  }
}

/** By how many MiB the process, the heap and what stands outside it have grown by doing something many times more. */
export const growth = async (act, times) => {
  for (let warm = 0; warm < times; warm += 1) await act(warm)
  await collected()
  const before = process.memoryUsage()
  for (let again = 0; again < times; again += 1) await act(again)
  await collected()
  const after = process.memoryUsage()
  const grown = (name) => (after[name] - before[name]) / MIB
  return { rss: grown('rss'), heap: grown('heapUsed'), external: grown('external') + grown('arrayBuffers') }
}
