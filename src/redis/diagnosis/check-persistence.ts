import { Topic, type Finding } from '../../diagnosis/finding.ts'
import type { NodeFacts } from './facts.ts'

const ALWAYS = 'CONFIG SET appendfsync always would keep every acknowledged write, at the price of a disk sync each.'

/** What becomes of acknowledged writes when the server ends, as it is told to keep them. */
export function checkPersistence({ aof, rdb }: NodeFacts, where: string | null): Finding {
  const topic = new Topic('persistence', where)
  if (aof.isOn === null)
    return topic.unknown('INFO does not say', 'Ask who runs the server whether it keeps an append-only file.')
  if (!aof.isOn) return topic.fail(`appendonly no, ${describeSnapshots(rdb.rules)}`, adviceWithoutAof(rdb.rules))
  if (aof.isLastWriteOk === false)
    return topic.fail('the append-only file can not be written', 'Look at the disk: Redis refuses writes until it can.')
  if (aof.fsync === null)
    return topic.unknown(
      'appendonly yes; CONFIG is refused',
      'Ask who runs the server for appendfsync: with everysec 2 s of writes may be lost.',
    )
  const found = `appendonly yes, appendfsync ${aof.fsync}`
  if (aof.fsync === 'no')
    return topic.fail(found, `Half a minute of acknowledged writes may be lost with the machine. ${ALWAYS}`)
  if (aof.pausesOnRewrite === true)
    return topic.fail(
      `${found}, no-appendfsync-on-rewrite yes`,
      'While the file is rewritten nothing is synced, however long that takes: CONFIG SET no-appendfsync-on-rewrite no.',
    )
  if (aof.isLastRewriteOk === false)
    return topic.warn(
      `${found}; its last rewrite failed`,
      'Look at disk space and memory: the file grows until a rewrite succeeds.',
    )
  if (aof.fsync === 'everysec') return topic.warn(`${found}: all but the last 2 s survive`, ALWAYS)
  return topic.ok(`${found}: every acknowledged write survives a kill and a power cut`)
}

function describeSnapshots(rules: string | null): string {
  if (rules === null) return 'snapshots not known'
  return rules === '' ? 'no snapshots' : `snapshots by "${rules}"`
}

function adviceWithoutAof(rules: string | null): string {
  const loss =
    rules === '' ? 'A restart loses the whole store' : 'A restart loses all acknowledged writes since the last snapshot'
  return `${loss}: CONFIG SET appendonly yes, and appendfsync always; then write it to the configuration file.`
}
