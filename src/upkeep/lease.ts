import { setTimeout as delay } from 'node:timers/promises'
import type { Backend, Task } from '../backend.ts'
import { StoreUnavailableError } from '../core/errors.ts'

/** How long a lease holds that is not renewed: when its holder is killed, the next one waits that long. */
export const LEASE_MS = 3000
/** Between two tries to get a lease that another store has. */
const RETRY_MS = 100

/**
 * Does a task that one store at a time does: waits until no other one does it, and keeps the lease until it is done. A lease
 * that could not be renewed in time may have gone to another store, which may have done the task and given it back: so the
 * work is ended even if this store gets it again.
 * @param signal ends the waiting
 * @param work is given a signal that aborts with that one, or when the lease may have been lost
 */
export async function withLease<R>(
  backend: Backend,
  task: Task,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<R>,
): Promise<R> {
  let askedAt = performance.now()
  while (!(await backend.lease(task, LEASE_MS))) {
    signal?.throwIfAborted()
    await delay(RETRY_MS)
    askedAt = performance.now()
  }
  const lost = new AbortController()
  const renewal = keepRenewed(backend, task, askedAt + LEASE_MS, lost)
  try {
    return await work(signal === undefined ? lost.signal : AbortSignal.any([signal, lost.signal]))
  } finally {
    clearInterval(renewal)
    await backend.lease(task, 0).catch(() => false)
  }
}

/** @param heldUntil the moment until which no other store can have the lease */
function keepRenewed(backend: Backend, task: Task, heldUntil: number, lost: AbortController): NodeJS.Timeout {
  const renew = async (): Promise<void> => {
    const askedAt = performance.now()
    // A renewal that fails is made up for by the next one, if that comes in time.
    const answer = await backend.lease(task, LEASE_MS).catch(() => null)
    if (answer === false || performance.now() > heldUntil) lost.abort(lostLease(task))
    else if (answer) heldUntil = Math.max(heldUntil, askedAt + LEASE_MS)
  }
  return setInterval(() => {
    if (performance.now() > heldUntil) lost.abort(lostLease(task))
    else void renew()
  }, LEASE_MS / 4)
}

function lostLease(task: Task): StoreUnavailableError {
  const message = `The store could not be reached for ${LEASE_MS} ms, and another one may have begun to ${task} it meanwhile. What was done so far stands: run it again.`
  return new StoreUnavailableError(message, { outcome: 'unknown' })
}
