import { setImmediate as nextTurn } from 'node:timers/promises'

import type { JobStore } from '../../src/contract.ts'
import { JobStoreError } from '../../src/core/errors.ts'
import type { AnyJob } from './harness.ts'
import { aJob, HOUR_MS, textOf } from './jobs.ts'

const WRITERS = 4
const STATUSES = ['pending', 'queued', 'processing', 'completed', 'failed'] as const

/** What the writers came to. */
export interface TrafficReport {
  /** Commands that were answered. */
  answered: number
  /** Errors that there should be none of. */
  errors: string[]
}

/**
 * Four writers that create, change, move, delete and expire jobs, their own and shared ones, until they are told to stop.
 * @param stores on one place; the writers are spread over them
 * @returns what stops them and says what became of their commands
 */
export function startTraffic(...stores: JobStore<AnyJob>[]): () => Promise<TrafficReport> {
  const report: TrafficReport = { answered: 0, errors: [] }
  const stop = { isWanted: false }
  const writers = Array.from({ length: WRITERS }, async (_, lane) => {
    const store = stores[lane % stores.length] as JobStore<AnyJob>
    for (let round = 0; !stop.isWanted; round++) {
      await writeRound(store, lane, round, report)
      // An embedded store answers without leaving this turn of the event loop: others need one too.
      await nextTurn()
    }
  })
  return async () => {
    stop.isWanted = true
    await Promise.all(writers)
    return report
  }
}

/** One job's life, with a shared job in between that the other writers change, end and create too. */
async function writeRound(store: JobStore<AnyJob>, lane: number, round: number, report: TrafficReport): Promise<void> {
  const id = `traffic-${lane}-${round}`
  const shared = `shared-${round % 5}`
  const status = STATUSES[(round + lane) % STATUSES.length] as string
  const expiresAt = new Date(Date.now() + (round % 4 === 1 ? 3 : HOUR_MS))
  const batches: (() => Promise<unknown>)[][] = [
    [
      () => store.create(aJob({ id, userId: `traffic-${lane}`, status, expiresAt, big: textOf(200) })),
      () => store.create(aJob({ id: shared, userId: `traffic-${lane}` })),
      () => store.updateStatus(shared, status),
    ],
    [
      () => store.updateProgress(id, { percent: round % 101 }),
      () => store.update(shared, { userId: `traffic-${round % 3}`, [`by ${lane}`]: textOf(round % 150) }),
      () => store.updateStatus(id, 'completed'),
    ],
    round % 4 === 1 ? [() => store.purgeExpired()] : [],
    round % 3 === 0 ? [() => store.delete(id), () => store.delete(shared)] : [() => store.updateStatus(id, 'failed')],
  ]
  for (const batch of batches) await Promise.all(batch.map((command) => answer(command, report)))
}

async function answer(command: () => Promise<unknown>, report: TrafficReport): Promise<void> {
  try {
    await command()
    report.answered++
  } catch (error) {
    if (error instanceof JobStoreError && error.code === 'JOB_ALREADY_EXISTS') report.answered++
    else report.errors.push(String(error))
  }
}
