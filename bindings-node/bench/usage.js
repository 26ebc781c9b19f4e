/** What this process has used. */

/** CPU time in microseconds; memory in KiB, that of JavaScript and all of it, with what the native half has. */
export const usage = () => {
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { cpu: user + system, heap: (heapUsed + external) / 1024, resident: rss / 1024 }
}
