import type { Backend } from '../../src/backend.ts'
import type { JobStore } from '../../src/contract.ts'
import { START } from '../../src/core/cursor.ts'
import { InvalidTransitionError } from '../../src/core/errors.ts'
import { MemoryJobStore } from '../../src/memory/memory-job-store.ts'
import { EventSourcedStore } from '../../src/store.ts'
import type { AnyJob } from '../contract/harness.ts'
import type { Contender } from './subject.ts'

type Store = JobStore<AnyJob>

/** Wrong in one way each: the verbs that a mutant has instead of the store's own. */
const MUTANTS: Record<string, (store: Store) => Partial<Store>> = {
  'does not remove fields': (store) => ({
    update: (id, updates, options) => store.update(id, withoutUndefined(updates), options),
  }),
  'counts a third job twice': (store) => ({
    countByUserId: async (userId) => {
      const count = await store.countByUserId(userId)
      return count > 2 ? count + 1 : count
    },
  }),
  'takes any version for the expected one': (store) => ({
    delete: (id, options) =>
      store.delete(id, isVersion(options?.expectedVersion) ? without(options, 'expectedVersion') : options),
  }),
  'applies a repeated command again': (store) => ({
    updateProgress: (id, progress, options) => store.updateProgress(id, progress, without(options, 'commandId')),
  }),
  'forgets who deleted a job': (store) => ({
    async *events(query) {
      for await (const event of store.events(query)) yield event.type === 'deleted' ? { ...event, meta: null } : event
    },
  }),
  'lets an update be overtaken': (store) => ({
    update: async (id, updates, options) => {
      await new Promise((resolve) => setImmediate(resolve))
      return store.update(id, updates, options)
    },
  }),
  'lists equal times by id, ascending': (store) => ({
    findByUserId: async (userId, options) => {
      const jobs = await store.findByUserId(userId, options)
      return jobs.sort(
        (one, other) => other.createdAt.getTime() - one.createdAt.getTime() || (one.id < other.id ? -1 : 1),
      )
    },
  }),
  'drops one event too many': (store) => ({
    compact: async (options) => {
      const report = await store.compact(options)
      if (report.dropped > 0) await EventSourcedStore.onBackend(store, dropOldest)
      return report
    },
  }),
  'reads a status that it has seen before': (store) => {
    const seen = new Map<string, AnyJob>()
    return {
      findById: async (id) => {
        const job = await store.findById(id)
        const before = seen.get(id)
        if (job !== null) seen.set(id, job)
        return job === null || before === undefined ? job : { ...job, status: before.status }
      },
    }
  },
  'gives bytes back as another type': (store) => ({
    findById: async (id) => {
      const job = await store.findById(id)
      const plain = (value: unknown): unknown => (Buffer.isBuffer(value) ? new Uint8Array(value) : value)
      return job === null ? null : (mapped(job, plain) as AnyJob)
    },
  }),
  'ends a list with an empty page': (store) => ({
    listByUserId: async (userId, options) => {
      const page = await store.listByUserId(userId, options)
      const last = page.jobs.at(-1)
      const next =
        last === undefined ? null : `${last.createdAt.getTime()}.${Buffer.from(last.id).toString('base64url')}`
      return { ...page, next }
    },
  }),
  'names the status that was asked for in an error': (store) => ({
    updateStatus: (id, status, options) =>
      store.updateStatus(id, status, options).catch((error: unknown) => {
        throw error instanceof InvalidTransitionError ? Object.assign(error, { from: status }) : error
      }),
  }),
}

/** A snapshot, say, that a job stands on. */
async function dropOldest(backend: Backend): Promise<void> {
  const { oldest } = await backend.bounds()
  const [head] = await backend.scanHeads(0, oldest[0] ?? START, 1)
  if (head !== undefined) await backend.trim(0, head.position, [])
}

/** A memory store for each mutant, by what is wrong with it. */
export function mutants(): Contender[] {
  return Object.entries(MUTANTS).map(([name, mutate]) => ({
    name: `the mutant that ${name}`,
    isOneLog: true,
    factory: {
      persists: false,
      newPlace: async () => ({
        open: (options) => mutated(new MemoryJobStore<AnyJob>(options), mutate),
        dispose: async () => {},
      }),
    },
  }))
}

function mutated(store: Store, mutate: (store: Store) => Partial<Store>): Store {
  const own = mutate(store)
  return new Proxy(store, {
    get: (target, name: keyof Store) => {
      const verb = own[name] ?? target[name]
      return verb.bind(target)
    },
  })
}

function withoutUndefined<T extends object>(fields: T): T {
  if (typeof fields !== 'object' || fields === null) return fields
  return Object.defineProperties(
    {},
    Object.fromEntries(
      Object.entries(Object.getOwnPropertyDescriptors(fields)).filter(([, { value }]) => value !== undefined),
    ),
  ) as T
}

function without<T extends object>(options: T | undefined, name: string): T | undefined {
  return typeof options === 'object' && options !== null
    ? (Object.fromEntries(Object.entries(options).filter(([each]) => each !== name)) as T)
    : options
}

function isVersion(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function mapped(fields: object, change: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, change(value)]))
}
