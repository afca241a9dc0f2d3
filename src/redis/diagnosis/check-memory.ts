import { Topic, type Finding } from '../../diagnosis/finding.ts'
import { mebibytes } from '../../diagnosis/quantities.ts'
import type { NodeFacts } from './facts.ts'

/** Shares of the limit. */
const NEARLY_FULL = 0.8
const FULL = 0.98

/** Whether the server throws away what the store keeps when memory runs out. */
export function checkEviction({ memory }: NodeFacts, where: string | null): Finding {
  const topic = new Topic('eviction', where)
  const { policy, limitBytes } = memory
  if (policy === null)
    return topic.unknown('maxmemory-policy is not to be had', 'Ask who runs the server: it must be noeviction.')
  if (policy === 'noeviction') return topic.ok('noeviction')
  const remedy = 'CONFIG SET maxmemory-policy noeviction: a full server then refuses writes, and loses nothing.'
  if (limitBytes === 0)
    return topic.warn(
      policy,
      `Without maxmemory nothing is evicted yet; once there is one, ${breaks(policy)} ${remedy}`,
    )
  return topic.fail(policy, `When memory runs out, ${breaks(policy)} ${remedy}`)
}

function breaks(policy: string): string {
  return policy.startsWith('volatile')
    ? 'what tells a repeated command from a new one is evicted, and commands are applied twice.'
    : 'jobs, lists, counts and the log itself are evicted, and no script runs that would keep them in step.'
}

/** How much room there is. */
export function checkMemory({ memory }: NodeFacts, where: string | null): Finding {
  const topic = new Topic('memory', where)
  const { usedBytes, limitBytes, systemBytes } = memory
  if (usedBytes === null || limitBytes === null) return topic.unknown('INFO does not say', 'Ask who runs the server.')
  if (limitBytes === 0) {
    const machine = systemBytes === null ? '' : ` (the machine has ${mebibytes(systemBytes)})`
    return topic.warn(
      `${mebibytes(usedBytes)} used, no limit${machine}`,
      'Set maxmemory: past the machine, the system kills the server, where a limit would refuse writes.',
    )
  }
  const share = usedBytes / limitBytes
  const found = `${mebibytes(usedBytes)} of ${mebibytes(limitBytes)} used (${Math.round(share * 100)} %)`
  const remedy = 'Raise maxmemory, delete jobs, or compact the log.'
  if (share >= FULL) return topic.fail(found, `The server is full: commands are refused. ${remedy}`)
  return share >= NEARLY_FULL ? topic.warn(found, `It is soon full. ${remedy}`) : topic.ok(found)
}
