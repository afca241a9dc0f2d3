import { Topic, type Finding } from '../../diagnosis/finding.ts'
import type { JobSample, StoreFacts } from './facts.ts'
import { isSound } from './sample-jobs.ts'

/** Whether some jobs, taken at random, are what the log says. verify() looks at all of them. */
export function checkJobs({ partitions }: StoreFacts): Finding {
  const topic = new Topic('jobs')
  const samples = partitions.flatMap((partition) => partition.samples)
  const wrong = samples.filter((sample) => !isSound(sample))
  const [first] = wrong
  if (first !== undefined)
    return topic.fail(
      `${wrong.length} of ${samples.length} taken at random: job ${JSON.stringify(first.jobId)} ${describe(first)}`,
      '"jobledger verify" says what differs from the log, "jobledger rebuild" puts it right.',
    )
  return topic.ok(samples.length === 0 ? 'none is there' : `${samples.length} taken at random are what the log says`)
}

function describe({ version, event, entry, jobId, isListed, hasTtl }: JobSample): string {
  if (version === null || event === null) return 'has no hash'
  if (hasTtl) return 'has a TTL, which would leave its lists and counts behind'
  if (entry?.jobId !== jobId) return 'names an event that the log does not have'
  if (entry.version !== version) return `is at version ${version}, by the log at ${entry.version}`
  return isListed ? 'changed while it was looked at' : "is missing in its user's list"
}

/** What could not be looked at, and why. */
export function checkRefusals({ refusals }: StoreFacts): Finding[] {
  const byReason = new Map<string, string>()
  for (const { question, reason } of refusals) if (!byReason.has(reason)) byReason.set(reason, question)
  const topic = new Topic('refused')
  return [...byReason].map(([reason, question]) =>
    reason.includes('WRONGTYPE')
      ? topic.fail(
          `${question}: ${reason}`,
          'Somebody else has written to a key of the store: "jobledger rebuild" puts state right, not the log.',
        )
      : topic.unknown(`${question}: ${reason}`, 'The user may not ask this: give it the right, or ask as another.'),
  )
}
