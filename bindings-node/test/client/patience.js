// Waiting, but not for ever.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds after which something never comes. */
export const PATIENCE = 30_000

/** Waits until something holds. */
export const until = async (holds, what = () => String(holds)) => {
  const end = performance.now() + PATIENCE
  while (!holds()) {
    assert.ok(performance.now() < end, `never: ${what()}`)
    await sleep(5)
  }
}

/** What this promise comes to, in bounded time. */
export const inTime = async (promise, what = 'a promise') => {
  const timer = new AbortController()
  try {
    return await Promise.race([
      promise,
      sleep(PATIENCE, undefined, timer).then(() => assert.fail(`${what} did not settle in ${PATIENCE} ms`)),
    ])
  } finally {
    timer.abort()
  }
}
