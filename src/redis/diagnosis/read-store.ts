import type { Cluster, Redis } from 'ioredis'

import { keysOf } from '../keys.ts'
import { FORMAT } from '../link.ts'
import { answers } from './answers.ts'
import type { EntryFacts, MetaFacts, PartitionFacts, Refusal, StoreFacts } from './facts.ts'
import { sampleJobs } from './sample-jobs.ts'

/** Jobs of a partition that are looked at. */
const SAMPLE_SIZE = 10
/** Partitions that are asked at once. */
const AT_ONCE = 16

/**
 * Looks at what stands under a prefix, without making or changing anything.
 * @param expectedPartitions null for as many as there are
 */
export async function readStore(
  redis: Redis | Cluster,
  prefix: string,
  expectedPartitions: number | null,
): Promise<StoreFacts> {
  const { meta } = keysOf(prefix, 0)
  const refusals: Refusal[] = []
  const [until, said] = await answers(
    refusals,
    'the store',
    redis.multi().hget(meta, 'sweepUntil').hget(meta, 'partitions'),
  )
  const [seconds, microseconds] = await redis.time()
  const count = Number(said ?? expectedPartitions ?? 1)
  const partitions: PartitionFacts[] = []
  for (let first = 0; first < count; first += AT_ONCE) {
    const indexes = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, offset) => first + offset)
    partitions.push(...(await Promise.all(indexes.map((index) => readPartition(redis, prefix, index, refusals)))))
  }
  return {
    prefix,
    knownFormat: FORMAT,
    expectedPartitions,
    partitions,
    nowMs: Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000),
    sweeperUntilMs: until == null ? null : Number(until),
    refusals,
  }
}

async function readPartition(
  redis: Redis | Cluster,
  prefix: string,
  index: number,
  refusals: Refusal[],
): Promise<PartitionFacts> {
  const keys = keysOf(prefix, index)
  // At one instant: a writer in between would look like a log that is not what meta says.
  const questions = redis
    .multi()
    .hmget(keys.meta, 'format', 'partitions', 'epoch', 'sequence', 'newest', 'trimmedSequence')
    .xlen(keys.events)
    .xrange(keys.events, '-', '+', 'COUNT', 1)
    .xrevrange(keys.events, '+', '-', 'COUNT', 1)
    .time()
  const [meta, length, first, last, time] = await answers(refusals, `partition ${index}`, questions)
  const now = Number((time as string[] | undefined)?.[0] ?? 0) * 1000
  const [overdue] = await answers(
    refusals,
    `expiry of partition ${index}`,
    redis.multi().zcount(keys.expiry, '-inf', now),
  )
  return {
    index,
    meta: metaOf(meta as (string | null)[] | null),
    log: typeof length === 'number' ? { length, first: entryOf(first), last: entryOf(last) } : null,
    overdue: Number(overdue ?? 0),
    samples: await sampleJobs(redis, keys, SAMPLE_SIZE, refusals),
  }
}

function metaOf(values: (string | null)[] | null | undefined): MetaFacts | null {
  const [format, partitions, epoch, sequence, newest, trimmedSequence] = values ?? []
  if (format == null) return null
  return {
    format,
    partitions: partitions ?? '',
    epoch: epoch ?? '',
    sequence: Number(sequence ?? Number.NaN),
    newest: newest ?? '',
    trimmedSequence: Number(trimmedSequence ?? Number.NaN),
  }
}

function entryOf(entries: unknown): EntryFacts | null {
  const [id, values] = (entries as [string, string[]][] | null)?.[0] ?? []
  if (id === undefined) return null
  return { id, sequence: Number(values?.[1]), atMs: Number(id.slice(0, id.indexOf('-'))) }
}
