// What must not happen while something else is looked at, and what must not be left.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

/** Warnings of the process, such as of listeners that leak, while something runs. */
export const withoutWarnings = async (run) => {
  const warnings = []
  const warn = (warning) => warnings.push(`${warning.name}: ${warning.message}`)
  process.on('warning', warn)
  try {
    await run()
    await sleep(0)
  } finally {
    process.off('warning', warn)
  }
  assert.deepEqual(warnings, [])
}

const resources = () => {
  const counts = {}
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** Runs something, after which there are no more handles than before, timers that do not hold the process included. */
export const withoutHandles = async (run) => {
  const before = resources()
  await run()
  // The operating system closes in its own time.
  for (let n = 0; n < 200; n += 1) {
    const left = Object.entries(resources()).filter(([name, count]) => count > (before[name] ?? 0))
    if (left.length === 0) return
    if (n === 199) assert.fail(`it left ${JSON.stringify(left)}`)
    await sleep(10)
  }
}

/** How a promise ends. A promise cannot settle twice, but it may never do so. */
export const settled = (promise, milliseconds, what) =>
  new Promise((resolve, reject) => {
    const late = () => reject(new Error(`${what} is still pending after ${milliseconds} ms`))
    const timer = setTimeout(late, milliseconds)
    const end = (outcome) => {
      clearTimeout(timer)
      resolve(outcome)
    }
    promise.then(
      (value) => end({ value }),
      (error) => end({ error }),
    )
  })
