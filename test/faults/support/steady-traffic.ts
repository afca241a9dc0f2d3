import { setTimeout as delay } from 'node:timers/promises'

import type { JobStore } from '../../../src/contract.ts'
import type { AnyJob } from '../../contract/harness.ts'
import { aJob, textOf } from '../../contract/jobs.ts'

const LANES = 16
/** Between two commands of a lane: so many that a slow machine keeps up, or the log would be as long as it is slow. */
const PACE_MS = 20
/** Commands of one job's life. */
const STEPS = 40

/** Each job's acknowledged events, oldest first, by the actor that stands in each. */
export type Acknowledged = Map<string, string[]>

/**
 * Writes at the same pace all the time: jobs that live for a second, one after the other in each lane, so that there are
 * always as many; and one job of each lane that never ends.
 * @returns what stops it, and gives what was acknowledged
 */
export function startSteadyTraffic(...stores: JobStore<AnyJob>[]): () => Promise<Acknowledged> {
  const acknowledged: Acknowledged = new Map()
  const stop = { isWanted: false }
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    const store = stores[lane % stores.length] as JobStore<AnyJob>
    for (let round = 0; !stop.isWanted; round++) await liveOnce(store, lane, round, acknowledged)
  })
  return async () => {
    stop.isWanted = true
    await Promise.all(lanes)
    return acknowledged
  }
}

async function liveOnce(
  store: JobStore<AnyJob>,
  lane: number,
  round: number,
  acknowledged: Acknowledged,
): Promise<void> {
  const id = `job-${lane}-${round}`
  const text = textOf(500)
  const give = async (
    jobId: string,
    command: (options: { meta: { actor: string } }) => Promise<unknown>,
  ): Promise<void> => {
    const actors = acknowledged.get(jobId) ?? []
    const actor = `${jobId} ${actors.length}`
    await command({ meta: { actor } })
    acknowledged.set(jobId, [...actors, actor])
    await delay(PACE_MS)
  }
  await give(id, (options) => store.create(aJob({ id, text }), options))
  const lasting = `lasting-${lane}`
  if (round === 0) await give(lasting, (options) => store.create(aJob({ id: lasting }), options))
  for (let step = 0; step < STEPS; step++)
    await give(id, (options) => store.updateProgress(id, { percent: step, text }, options))
  await give(lasting, (options) => store.updateProgress(lasting, { percent: round % 101 }, options))
  await give(id, (options) => store.updateStatus(id, 'completed', options))
  if (round % 2 === 0) await give(id, (options) => store.delete(id, options))
  else await give(id, (options) => store.update(id, { expiresAt: new Date(Date.now() + 500) }, options))
}
