import { setTimeout as delay } from 'node:timers/promises'

/**
 * Tries the assertion until it holds, instead of sleeping for as long as it might take.
 * @returns what the assertion returned
 * @throws what the assertion threw last, if it does not hold within timeoutMs (default 15000)
 */
export async function eventually<T>(
  assertion: () => T | Promise<T>,
  options: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<T> {
  const { timeoutMs = 15_000, intervalMs = 10 } = options
  const deadline = performance.now() + timeoutMs
  for (;;) {
    try {
      return await withDeadline(assertion, deadline - performance.now(), timeoutMs)
    } catch (error) {
      if (performance.now() >= deadline) throw error
    }
    await delay(intervalMs)
  }
}

/** An assertion that never settles would otherwise hang until the runner kills the file, without a word of where. */
async function withDeadline<T>(assertion: () => T | Promise<T>, leftMs: number, timeoutMs: number): Promise<T> {
  const settled = new AbortController()
  const expiry = delay(Math.max(leftMs, 1), undefined, { signal: settled.signal }).then(() => {
    throw new Error(`the assertion was still pending after ${timeoutMs} ms`)
  })
  try {
    return await Promise.race([assertion(), expiry])
  } finally {
    settled.abort()
    expiry.catch(() => undefined)
  }
}
