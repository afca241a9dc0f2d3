import type { JobStore } from '../../../src/contract.ts'
import { collect } from '../../contract/assertions.ts'
import type { AnyJob } from '../../contract/harness.ts'
import { aJob, removing, textOf } from '../../contract/jobs.ts'

/** Whom the commands are about. */
const OWNER = 'user-1'
export const HEIR = 'user-2'

/** One thing that a program does to a store, by its name. */
export interface Deed {
  name: string
  /** Whether it is one command, applied or refused as a whole. */
  isCommand: boolean
  run(store: JobStore<AnyJob>): Promise<unknown>
}

/** Fills a store with what EVERY_COMMAND is about; `due` is a job whose time has come. */
export async function furnish(store: JobStore<AnyJob>): Promise<void> {
  await Promise.all(['a', 'b'].map((id) => store.create(aJob({ id, userId: OWNER, large: textOf(100) }))))
  await store.updateStatus('b', 'queued', { commandId: 'seen' })
  await store.create(aJob({ id: 'due', userId: OWNER, expiresAt: new Date(Date.now() - 1000) }))
}

/** Every verb that may write, on jobs of furnish(), and the reads of each kind of key. */
export const EVERY_COMMAND: readonly Deed[] = [
  command('create', (store) => store.create(aJob({ id: 'new', userId: HEIR, status: 'queued' }))),
  command('create over a job whose time has come', (store) => store.create(aJob({ id: 'due', userId: HEIR }))),
  command('update of an own field', (store) => store.update('a', { large: textOf(90), small: 1 })),
  command('update that removes a field', (store) => store.update('a', removing('large'))),
  command('update of the user', (store) => store.update('a', { userId: HEIR })),
  command('update of createdAt', (store) => store.update('a', { createdAt: new Date(5) })),
  command('update of expiresAt', (store) => store.update('a', { expiresAt: new Date(Date.now() + 5_000_000) })),
  command('updateStatus', (store) => store.updateStatus('a', 'queued')),
  command('updateProgress', (store) => store.updateProgress('a', { percent: 50 })),
  command('with expectedVersion and commandId', (store) =>
    store.updateProgress('a', { percent: 1 }, { expectedVersion: 1, commandId: 'c' }),
  ),
  command('a commandId that was seen', (store) => store.updateStatus('b', 'queued', { commandId: 'seen' })),
  command('delete', (store) => store.delete('a')),
  deed('purgeExpired', (store) => store.purgeExpired()),
  deed('countByUserId', (store) => store.countByUserId(OWNER)),
  deed('countByStatus', (store) => store.countByStatus('pending')),
  deed('findByUserId', (store) => store.findByUserId(OWNER)),
  deed('findByUserId of a status', (store) => store.findByUserId(OWNER, { status: 'queued' })),
  deed('findById', (store) => store.findById('a')),
  deed('history', (store) => collect(store.history('a'))),
  deed('events', (store) => collect(store.events())),
  deed('stats', (store) => store.stats()),
  deed('compact', (store) => store.compact({ before: new Date(Date.now() + 1000) })),
]

function command(name: string, run: Deed['run']): Deed {
  return { name, isCommand: true, run }
}

function deed(name: string, run: Deed['run']): Deed {
  return { name, isCommand: false, run }
}
