import type { JobStore } from '../../src/contract.ts'
import type { Cursor } from '../../src/core/event.ts'
import type { StoreOptions } from '../../src/options.ts'
import type { AnyJob, StoreFactory } from '../contract/harness.ts'

/** A backend that is compared with the others. */
export interface Contender {
  name: string
  factory: StoreFactory
  /** Whether all its events stand in one order, which then must be the reference's. */
  isOneLog: boolean
}

/** A contender's stores in one place: two, so that each reads what the other wrote, or one where places are not shared. */
export interface Subject {
  name: string
  isOneLog: boolean
  stores: readonly [JobStore<AnyJob>, JobStore<AnyJob>]
  /** Where a reader is who had read the first event when the log was compacted last; null: at the start. */
  memory: { cursor: Cursor | null }
  close(): Promise<void>
}

/** Opens a contender's stores in a place of their own. */
export async function openSubject({ name, factory, isOneLog }: Contender, options: StoreOptions): Promise<Subject> {
  const place = await factory.newPlace()
  const open = (): JobStore<AnyJob> => place.open({ sweepIntervalMs: 0, ...options })
  const one = open()
  const two = factory.persists ? open() : one
  const close = async (): Promise<void> => {
    await Promise.all([one.close(), two.close()])
    await place.dispose()
  }
  return { name, isOneLog, stores: [one, two], memory: { cursor: null }, close }
}
