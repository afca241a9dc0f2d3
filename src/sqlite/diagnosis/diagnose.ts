import { checkSweeper } from '../../diagnosis/check-sweeper.ts'
import { Topic, type Finding } from '../../diagnosis/finding.ts'
import { counted, duration, mebibytes } from '../../diagnosis/quantities.ts'
import { SCHEMA_VERSION } from '../schema.ts'
import type { FileFacts, LogFacts } from './facts.ts'
import { readFile } from './read-file.ts'

/**
 * Looks at a store in an SQLite file: whether its promises hold. Changes nothing.
 * @param synchronous what the store is told to set
 * @param nowMs the clock
 * @throws what the driver throws, for a file that can't be opened or is no database
 */
export function diagnoseSqlite(path: string, synchronous: 'full' | 'normal', nowMs: number): Finding[] {
  return checkFile(readFile(path, synchronous, nowMs), nowMs)
}

/** All findings about a file. */
export function checkFile(facts: FileFacts, nowMs: number): Finding[] {
  const { log } = facts
  const onFile = [checkPlace(facts), checkIntegrity(facts)]
  if (log === null) return onFile
  return [...onFile, checkJournal(facts), checkSync(facts), checkLog(log, nowMs), checkSweeper({ ...log, nowMs })]
}

function checkPlace({ path, bytes, walBytes, isStore, schemaVersion }: FileFacts): Finding {
  const topic = new Topic('file')
  const found = `${path}, ${mebibytes(bytes)}, write-ahead log ${mebibytes(walBytes)}`
  if (!isStore)
    return topic.fail(found, 'It is no job store: give the path of one. An empty file becomes one at first use.')
  if (schemaVersion > SCHEMA_VERSION)
    return topic.fail(`${found}, schema ${schemaVersion}`, `This program knows schema ${SCHEMA_VERSION}: update it.`)
  return topic.ok(`${found}, schema ${schemaVersion}`)
}

function checkIntegrity({ integrity }: FileFacts): Finding {
  const topic = new Topic('integrity')
  if (integrity.length === 1 && integrity[0] === 'ok') return topic.ok('quick_check: ok')
  return topic.fail(
    `quick_check: ${integrity.join('; ')}`,
    'The file is damaged: restore a backup, or save what can be read with the "recover" command of sqlite3.',
  )
}

function checkJournal({ journalMode }: FileFacts): Finding {
  const topic = new Topic('journal')
  if (journalMode === 'wal') return topic.ok('wal: readers and one writer at a time don’t wait for each other')
  return topic.fail(journalMode, 'Another program has set it. The next store that opens the file makes it wal again.')
}

function checkSync({ synchronous }: FileFacts): Finding {
  const topic = new Topic('persistence')
  if (synchronous === 'full') return topic.ok('synchronous full: every acknowledged write survives a power cut')
  return topic.warn(
    'synchronous normal: acknowledged writes survive a crash of the process, not a power cut',
    'Leave SQLITE_SYNCHRONOUS at full where that matters.',
  )
}

function checkLog(log: LogFacts, nowMs: number): Finding {
  const { events, sequence, trimmedThrough, lastSequence, firstAtMs, isAdopting } = log
  const topic = new Topic('log')
  const age = firstAtMs === null ? '' : `, oldest ${duration(nowMs - firstAtMs)} ago`
  const found = `${counted(events, 'event')}${age}`
  if (isAdopting)
    return topic.fail(
      `${found}, of an import that was stopped`,
      'Run the import again; until it is done, writes are refused.',
    )
  if (events === sequence - trimmedThrough && (lastSequence ?? sequence) === sequence) return topic.ok(found)
  return topic.fail(
    `${found}, and ${sequence - trimmedThrough} were expected up to number ${sequence}`,
    'Something other than the store has added to the log, or taken from it: restore a backup, then run "jobledger rebuild".',
  )
}
