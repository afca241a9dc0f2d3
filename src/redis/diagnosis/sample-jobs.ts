import type { Cluster, Redis } from 'ioredis'

import type { PartitionKeys } from '../keys.ts'
import { answers } from './answers.ts'
import type { JobSample, Refusal } from './facts.ts'

/** At a job that goes on between two questions. */
const MOST_LOOKS = 5

/** Some live jobs of a partition, taken at random. */
export async function sampleJobs(
  redis: Redis | Cluster,
  keys: PartitionKeys,
  size: number,
  refusals: Refusal[],
): Promise<JobSample[]> {
  const [ids] = await answers(refusals, 'jobs at random', redis.multi().zrandmember(keys.expiry, size))
  const samples = ((ids as string[] | null | undefined) ?? []).map((jobId) => sampleJob(redis, keys, jobId, refusals))
  return (await Promise.all(samples)).filter((sample) => sample !== null)
}

/** Whether hash, log and list agree about a job. */
export function isSound({ version, event, entry, isListed, hasTtl, jobId }: JobSample): boolean {
  return event !== null && entry?.jobId === jobId && entry.version === version && isListed && !hasTtl
}

/** Looks at a job again and again if it goes on meanwhile. @returns null if it has ended, or does not stand still */
async function sampleJob(
  redis: Redis | Cluster,
  keys: PartitionKeys,
  jobId: string,
  refusals: Refusal[],
): Promise<JobSample | null> {
  for (let look = 1; look <= MOST_LOOKS; look++) {
    const before = await readHash(redis, keys, jobId, refusals)
    if (before === null) return null
    const { version, event, userId, hasTtl } = before
    const rest = redis
      .multi()
      .xrange(keys.events, event ?? '0', event ?? '0')
      .zscore(keys.user(userId ?? ''), jobId)
    const [entries, listed] = await answers(refusals, "a job's event", rest)
    const after = await readHash(redis, keys, jobId, refusals)
    if (after?.event !== event) continue
    const [, values] = (entries as [string, string[]][] | null)?.[0] ?? []
    const entry = values === undefined ? null : { jobId: values[5] ?? '', version: values[9] ?? '' }
    return { jobId, version, event, entry, isListed: listed != null, hasTtl }
  }
  return null
}

/** @returns null if no such job lives */
async function readHash(
  redis: Redis | Cluster,
  keys: PartitionKeys,
  jobId: string,
  refusals: Refusal[],
): Promise<{ version: string | null; event: string | null; userId: string | null; hasTtl: boolean } | null> {
  const key = keys.job(jobId)
  const questions = redis.multi().hmget(key, '@version', '@event', 'userId').pttl(key).zscore(keys.expiry, jobId)
  const [fields, ttl, isLive] = await answers(refusals, 'a job', questions)
  if (isLive == null) return null
  const [version = null, event = null, userId = null] = (fields as (string | null)[] | null) ?? []
  return { version, event, userId, hasTtl: Number(ttl) >= 0 }
}
