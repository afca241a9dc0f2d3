import { setTimeout as delay } from 'node:timers/promises'
import type { Backend, Task } from './backend.ts'

/** How long a lease holds that is not renewed: when its holder is killed, the next one waits that long. */
const LEASE_MS = 3000
/** Between two tries to get a lease that another store has. */
const RETRY_MS = 100

/**
 * Does a task that one store at a time does: waits until no other one does it, and keeps the lease until it is done.
 * @param signal ends the waiting
 */
export async function withLease<R>(
  backend: Backend,
  task: Task,
  signal: AbortSignal | undefined,
  work: () => Promise<R>,
): Promise<R> {
  while (!(await backend.lease(task, LEASE_MS))) {
    signal?.throwIfAborted()
    await delay(RETRY_MS)
  }
  // A renewal that fails is made up for by the next one; the work itself tells if the store is away.
  const renewal = setInterval(() => void backend.lease(task, LEASE_MS).catch(() => false), LEASE_MS / 4)
  try {
    return await work()
  } finally {
    clearInterval(renewal)
    await backend.lease(task, 0).catch(() => false)
  }
}
