import type { Cluster, Redis } from 'ioredis'

import type { PartitionKeys } from '../keys.ts'
import { answers } from './answers.ts'
import type { JobSample, Refusal } from './facts.ts'

/** Some live jobs of a partition, taken at random. */
export async function sampleJobs(
  redis: Redis | Cluster,
  keys: PartitionKeys,
  size: number,
  refusals: Refusal[],
): Promise<JobSample[]> {
  const [ids] = await answers(refusals, 'jobs at random', redis.multi().zrandmember(keys.expiry, size))
  const samples = ((ids as string[] | null | undefined) ?? []).map(async (jobId) => {
    // It may go on between two questions: only what is wrong twice is wrong.
    const sample = await sampleJob(redis, keys, jobId, refusals)
    return sample === null || isSound(sample) ? sample : sampleJob(redis, keys, jobId, refusals)
  })
  return (await Promise.all(samples)).filter((sample) => sample !== null)
}

/** Whether hash, log and list agree about a job. */
export function isSound({ version, event, entry, isListed, hasTtl, jobId }: JobSample): boolean {
  return event !== null && entry?.jobId === jobId && entry.version === version && isListed && !hasTtl
}

/** @returns null if it has ended meanwhile */
async function sampleJob(
  redis: Redis | Cluster,
  keys: PartitionKeys,
  jobId: string,
  refusals: Refusal[],
): Promise<JobSample | null> {
  const key = keys.job(jobId)
  const hash = redis.multi().hmget(key, '@version', '@event', 'userId').pttl(key).zscore(keys.expiry, jobId)
  const [fields, ttl, isLive] = await answers(refusals, 'a job', hash)
  if (isLive == null) return null
  const [version = null, event = null, userId = null] = (fields as (string | null)[] | null) ?? []
  const rest = redis
    .multi()
    .xrange(keys.events, event ?? '0', event ?? '0')
    .zscore(keys.user(userId ?? ''), jobId)
  const [entries, listed] = await answers(refusals, "a job's event", rest)
  const [, values] = (entries as [string, string[]][] | null)?.[0] ?? []
  return {
    jobId,
    version,
    event,
    entry: values === undefined ? null : { jobId: values[5] ?? '', version: values[9] ?? '' },
    isListed: listed != null,
    hasTtl: Number(ttl) >= 0,
  }
}
