import { readCursor } from '../../../src/core/cursor.ts'
import type { JobEvent } from '../../../src/core/event.ts'
import { keysOf } from '../../../src/redis/keys.ts'
import { parseKey } from '../../../src/redis/store-keys.ts'
import { collect } from '../../contract/assertions.ts'
import type { AnyJob } from '../../contract/harness.ts'
import { onEachServer } from '../../support/topology/on-each-server.ts'
import { openRedis } from '../../support/redis-store.ts'
import type { LedgerEntry } from './ledger.ts'
import type { Place } from './place.ts'

/** The log, and what is wrong. */
export interface Findings {
  events: JobEvent<AnyJob>[]
  violations: string[]
}

/** O1 and O2: reads all that a store in Redis keeps with a store of the sources, once all faults are over. */
export async function inspect(place: Place, entries: readonly LedgerEntry[]): Promise<Findings> {
  const { url, prefix, partitions } = place
  await using store = openRedis(url, { prefix, partitions, retryForMs: 30_000 })
  const events = await collect(store.events())
  const report = await store.verify()
  const drift = report.drift.map((one) => `O2: verify() found ${JSON.stringify(one)}`)
  const keys = await unexplainedKeys(place, new Set(events.map(({ jobId }) => jobId)))
  return { events, violations: [...compareWithLog(entries, events), ...chainFaults(events), ...drift, ...keys] }
}

/** O1: acknowledged and not in the log, otherwise and in the log, twice in the log; and calls that hung. */
export function compareWithLog(entries: readonly LedgerEntry[], events: readonly JobEvent<AnyJob>[]): string[] {
  const violations: string[] = []
  const places = new Map<string, number>()
  for (const [index, { meta }] of events.entries()) {
    const mark = meta?.['mark'] as string | undefined
    if (mark === undefined) continue
    if (places.has(mark)) violations.push(`O1: ${mark} is in the log twice`)
    places.set(mark, index)
  }
  for (const { mark, told, code, message } of entries) {
    const isThere = places.has(mark)
    if (told === 'pending') violations.push(`P5: ${mark} hung`)
    if (told === 'acknowledged' && !isThere) violations.push(`O1: ${mark} was acknowledged and is not in the log`)
    if ((told === 'rejected' || told === 'nothing') && isThere)
      violations.push(`O1: ${mark} was ${told} (${code ?? 'null'}: ${message ?? ''}) and is in the log`)
    if (code === 'UNEXPECTED_REPLY') violations.push(`P5: ${mark} met a defect: ${message ?? ''}`)
    if (code?.startsWith('not an error') === true) violations.push(`P5: ${mark} ended with ${code}`)
  }
  return [...violations, ...overtaken(entries, places)]
}

/** Of one client's acknowledged commands on one job, none may stand before an earlier one. */
function overtaken(entries: readonly LedgerEntry[], places: ReadonlyMap<string, number>): string[] {
  const violations: string[] = []
  const newest = new Map<string, { mark: string; at: number }>()
  for (const { mark, jobId, told } of entries) {
    const at = places.get(mark)
    if (told !== 'acknowledged' || at === undefined) continue
    const lane = `${mark.slice(0, mark.lastIndexOf(':'))} ${jobId}`
    const before = newest.get(lane)
    if (before !== undefined && before.at > at) violations.push(`O1: ${mark} has overtaken ${before.mark}`)
    newest.set(lane, { mark, at })
  }
  return violations
}

/** O1: versions 1..n of each job, each event naming the one before it, and numbers without a hole in each partition. */
export function chainFaults(events: readonly JobEvent<AnyJob>[]): string[] {
  const violations: string[] = []
  const jobs = new Map<string, JobEvent<AnyJob>>()
  let count = 0
  for (const event of events) {
    const before = jobs.get(event.jobId)
    if (event.version !== (before?.version ?? 0) + 1 || event.previous !== (before?.id ?? null))
      violations.push(
        `O1: ${event.id} of ${event.jobId} is version ${event.version} after ${before?.version ?? 'none'}`,
      )
    jobs.set(event.jobId, event)
    const sum = readCursor(event.cursor).positions.reduce((total, { sequence }) => total + sequence, 0)
    if (sum !== ++count) violations.push(`O1: ${event.id} is number ${sum} in the log, not ${count}`)
  }
  return violations
}

/** O2: every key under the prefix is one that the store writes, of a job that the log knows, or goes by itself. */
async function unexplainedKeys(place: Place, jobIds: ReadonlySet<string>): Promise<string[]> {
  const violations: string[] = []
  const bases = Array.from({ length: place.partitions }, (_, partition) => keysOf(place.prefix, partition).base)
  await onEachServer(place.url, async (redis) => {
    for await (const keys of redis.scanStream({ match: `{${place.prefix}:*`, count: 1000 }) as AsyncIterable<string[]>)
      for (const key of keys) {
        const base = bases.find((one) => key.startsWith(one))
        const parsed = base === undefined ? { kind: 'foreign' as const } : parseKey(key.slice(base.length))
        if (parsed.kind === 'foreign') violations.push(`O2: nobody knows the key ${key}`)
        if (parsed.kind === 'job' && !jobIds.has(parsed.jobId)) violations.push(`O2: the log does not know ${key}`)
        if (parsed.kind === 'passing' && (await redis.pttl(key)) === -1) violations.push(`O2: ${key} stays for ever`)
      }
  })
  return violations
}
