import { setTimeout as delay } from 'node:timers/promises'

import { Redis } from 'ioredis'

import { runAll } from '../measure.ts'
import { progressOf } from '../record.ts'
import type { Records } from './records.ts'
import type { SizeSubject } from './subjects.ts'

/** Progress events of each job. */
export const PROGRESS_EVENTS = 4

const LOOK_EVERY_MS = 150
const MOST_LOOKS = 20

/** Keys of one kind, and what MEMORY USAGE says of them together. */
export interface KindSize {
  keys: number
  bytes: number
}

/** What one subject takes for the same jobs. Bytes are those of used_memory, a job or an event. */
export interface SubjectSize {
  subject: string
  records: string
  jobs: number
  createdBytes: number
  /** Of each progress event, what changes in the job included. */
  progressBytes: number
  finishedBytes: number
  /** After creation, and at the end. */
  created: Record<string, KindSize>
  finished: Record<string, KindSize>
}

/** Creates jobs, reports progress of each, finishes them, and looks at the server's memory after each step. */
export async function measureSize(url: string, subject: SizeSubject, records: Records): Promise<SubjectSize> {
  const admin = new Redis(url)
  try {
    const { jobs } = records
    // What a first job brings with it, scripts and the like, is no part of any job.
    await subject.create({ ...records.at(0), id: 'first' }, jobs)
    const empty = await usedBytes(admin)
    await runAll(jobs, (index) => subject.create(records.at(index), index))
    const afterCreate = await usedBytes(admin)
    const created = await sizeByKind(admin, subject)
    for (let event = 1; event <= PROGRESS_EVENTS; event++)
      await runAll(jobs, (index) => subject.progress(records.at(index), index, progressOf(index + event * 17)))
    const afterProgress = await usedBytes(admin)
    await runAll(jobs, (index) => subject.finish(records.at(index), index, records.result(index)))
    const afterFinish = await usedBytes(admin)
    return {
      subject: subject.name,
      records: records.title,
      jobs,
      createdBytes: (afterCreate - empty) / jobs,
      progressBytes: (afterProgress - afterCreate) / jobs / PROGRESS_EVENTS,
      finishedBytes: (afterFinish - empty) / jobs,
      created,
      finished: await sizeByKind(admin, subject),
    }
  } finally {
    await subject.close()
    await admin.flushall()
    await admin.quit()
  }
}

/** used_memory without what clients' buffers take, once they have shrunk: when it stands still. */
async function usedBytes(admin: Redis): Promise<number> {
  let [bytes, before] = [Number.NaN, Number.NaN]
  for (let look = 0; look < MOST_LOOKS && !(look > 2 && bytes === before); look++) {
    await delay(LOOK_EVERY_MS)
    const text = await admin.info('memory')
    const field = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1] ?? 0)
    ;[before, bytes] = [bytes, field('used_memory') - field('mem_clients_normal')]
  }
  return bytes
}

async function sizeByKind(admin: Redis, { kindOf }: SizeSubject): Promise<Record<string, KindSize>> {
  const kinds: Record<string, KindSize> = {}
  for await (const keys of admin.scanStream({ count: 2_000 }) as AsyncIterable<string[]>) {
    const sizes = await Promise.all(keys.map((key) => admin.memory('USAGE', key, 'SAMPLES', 0)))
    for (const [index, key] of keys.entries()) {
      const kind = (kinds[kindOf(key)] ??= { keys: 0, bytes: 0 })
      kind.keys++
      kind.bytes += sizes[index] ?? 0
    }
  }
  return kinds
}
