import type { JobStore } from '../../../src/contract.ts'
import { createEveryHistory } from '../../contract/every-history.ts'
import type { AnyJob } from '../../contract/harness.ts'
import { aFullJob, aJob, removing, textOf } from '../../contract/jobs.ts'
import { STORABLE } from '../../contract/storable.ts'
import { eventually } from '../../support/eventually.ts'

/** Every kind of history, and every value that can be stored, in fields and beside the commands. */
export async function furnish(store: JobStore<AnyJob>): Promise<void> {
  await createEveryHistory(store)
  await store.create(aFullJob({ id: 'values' }), { meta: { actor: 'ann', at: new Date(5), bytes: Buffer.from('a') } })
  for (const [name, value] of STORABLE)
    await store.update('values', { [`$${name}`]: value }, { meta: { [name]: value } })
  await store.update('values', { ...removing('webhook', '$bigints'), $date: 'mine' }, { meta: { $bigint: '5' } })
}

/** More than one page of events of one job, and of many. */
export async function fill(store: JobStore<AnyJob>, jobs: number): Promise<void> {
  const ids = Array.from({ length: jobs }, (_, index) => `filler-${index}`)
  await Promise.all(ids.map((id, index) => store.create(aJob({ id, userId: `user-${index % 7}`, text: textOf(90) }))))
  await Promise.all(ids.map((id) => store.updateStatus(id, 'queued')))
  await Promise.all(ids.map((_, index) => store.updateProgress('filler-0', { percent: index % 101 })))
}

/** A time that lies after every event so far, and before every one to come. */
export async function nextTime(store: JobStore<AnyJob>): Promise<Date> {
  const { newestEventAt } = await store.stats()
  const time = (newestEventAt?.getTime() ?? 0) + 1
  return eventually(async () => {
    await store.create(aJob({ id: `clock-${time}`, userId: 'clock' })).catch(() => {})
    const { newestEventAt: newest } = await store.stats()
    await store.delete(`clock-${time}`)
    if (newest === null || newest.getTime() < time) throw new Error('the clock has not moved yet')
    return new Date(time)
  })
}
