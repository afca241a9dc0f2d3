import { Topic, type Finding } from '../../diagnosis/finding.ts'
import { counted, duration } from '../../diagnosis/quantities.ts'
import type { MetaFacts, PartitionFacts, StoreFacts } from './facts.ts'

/** Whether a store is there, whole, and of a form that this program knows. */
export function checkPartitions(store: StoreFacts): Finding {
  const { prefix, knownFormat, expectedPartitions, partitions } = store
  const topic = new Topic('partitions')
  const known = partitions.flatMap(({ meta }) => (meta === null ? [] : [meta]))
  const hasLog = partitions.some(({ log }) => (log?.length ?? 0) > 0)
  const name = `prefix ${JSON.stringify(prefix)}`
  if (known.length === 0 && !hasLog)
    return topic.warn(
      `no store under the ${name}`,
      'One is made at first use. If there should be one, look at prefix, address and database.',
    )
  const lost = partitions.filter(({ meta }) => meta === null).map(({ index }) => index)
  if (lost.length > 0)
    return topic.fail(
      `${name}: the state of ${lost.length === 1 ? 'partition' : 'partitions'} ${lost.join(', ')} is gone`,
      '"jobledger rebuild" makes it again from the log, or the import that was stopped, run again; until then writes are refused.',
    )
  const other = known.find(({ format }) => format !== knownFormat)
  if (other !== undefined)
    return topic.fail(
      `${name}: format ${other.format}`,
      `This program knows format ${knownFormat}: use the version that the store was written by.`,
    )
  const said = Number(known[0]?.partitions)
  if (!isAgreed(known))
    return topic.fail(
      `${name}: its partitions are of different stores`,
      'Some keys were restored or copied, others not: restore all of them together.',
    )
  if (expectedPartitions !== null && expectedPartitions !== said)
    return topic.fail(
      `${name}: ${said} partitions, expected ${expectedPartitions}`,
      'Open it with the number that it has: it is fixed at first use.',
    )
  return topic.ok(`${name}: ${counted(said, 'partition')}, format ${knownFormat}`)
}

function isAgreed(known: readonly MetaFacts[]): boolean {
  const [first] = known
  return known.every(({ epoch, partitions }) => epoch === first?.epoch && partitions === first.partitions)
}

/** Past so many partitions, only what is wrong is told one by one. */
const MOST_TOLD = 32

/** Whether each partition's log is as long, and ends where, the partition says. */
export function checkLogs({ partitions, nowMs }: StoreFacts): Finding[] {
  const all = partitions.map((partition) => checkLog(partition, nowMs))
  if (all.length <= MOST_TOLD) return all
  const events = partitions.reduce((sum, { log }) => sum + (log?.length ?? 0), 0)
  const oldest = Math.min(...partitions.map(({ log }) => log?.first?.atMs ?? nowMs))
  const wrong = all.filter(({ verdict }) => verdict !== 'ok')
  const found = `${counted(events, 'event')}, oldest ${duration(nowMs - oldest)} ago, in ${partitions.length} partitions`
  return wrong.length > 0 ? wrong : [new Topic('log').ok(found)]
}

/** Whether one partition's log is as long, and ends where, the partition says. */
function checkLog({ index, meta, log }: PartitionFacts, nowMs: number): Finding {
  const topic = new Topic(`log ${index}`)
  if (log === null) return topic.unknown('it could not be read', 'See what was refused.')
  const { length, first, last } = log
  const age = first === null ? '' : `, oldest ${duration(nowMs - first.atMs)} ago`
  const found = `${counted(length, 'event')}${age}`
  if (meta === null)
    return length === 0 ? topic.ok(found) : topic.fail(found, 'The state made of it is gone: see partitions.')
  const isEndRight = last === null || (meta.newest === last.id && meta.sequence === last.sequence)
  if (!isEndRight || length !== meta.sequence - meta.trimmedSequence)
    return topic.fail(
      `${found}, and ${meta.sequence - meta.trimmedSequence} were expected up to number ${meta.sequence}`,
      'Something other than the store has added to the log, or taken from it: find it, restore the log, then run "jobledger rebuild".',
    )
  return topic.ok(found)
}
