import assert from 'node:assert/strict'

import { suite } from 'uvu'

import type { Verdict } from '../../src/diagnosis/finding.ts'
import { checkFile } from '../../src/sqlite/diagnosis/diagnose.ts'
import type { FileFacts } from '../../src/sqlite/diagnosis/facts.ts'

const test = suite('Checks of an SQLite file')

const NOW = Date.UTC(2026, 0, 2)
const LOG = {
  events: 2,
  sequence: 3,
  trimmedThrough: 1,
  lastSequence: 3,
  firstAtMs: 4,
  overdue: 0,
  isAdopting: false,
  sweeperUntilMs: null,
}

/** A file as it should be. */
const FILE: FileFacts = {
  path: '/data/jobs.db',
  bytes: 4096,
  walBytes: 0,
  isStore: true,
  schemaVersion: 1,
  journalMode: 'wal',
  synchronous: 'full',
  integrity: ['ok'],
  log: LOG,
}

function verdictOn(topic: string, facts: Partial<FileFacts>): Verdict | undefined {
  return checkFile({ ...FILE, ...facts }, NOW).find((finding) => finding.topic === topic)?.verdict
}

test('a good file has nothing but ok', () => {
  for (const { verdict, topic, advice } of checkFile(FILE, NOW))
    assert.deepEqual([verdict, advice], ['ok', null], topic)
})

test('another journal, a newer schema, damage and another program fail', () => {
  assert.equal(verdictOn('journal', { journalMode: 'delete' }), 'fail')
  assert.equal(verdictOn('file', { schemaVersion: 99 }), 'fail')
  assert.equal(verdictOn('file', { isStore: false, log: null }), 'fail')
  assert.equal(verdictOn('integrity', { integrity: ['row 3 missing from index'], log: null }), 'fail')
})

test('syncing less is warned of', () => {
  assert.equal(verdictOn('persistence', { synchronous: 'normal' }), 'warn')
})

test('a log that is shorter or longer than its mark says fails', () => {
  assert.equal(verdictOn('log', { log: { ...LOG, events: 1 } }), 'fail')
  assert.equal(verdictOn('log', { log: { ...LOG, lastSequence: 4 } }), 'fail')
  assert.equal(verdictOn('log', { log: { ...LOG, events: 0, trimmedThrough: 3, lastSequence: null } }), 'ok')
})

test('an import that was stopped fails', () => {
  assert.equal(verdictOn('log', { log: { ...LOG, isAdopting: true } }), 'fail')
})

test('expired jobs that nobody removes are warned of', () => {
  assert.equal(verdictOn('sweeper', { log: { ...LOG, overdue: 3 } }), 'warn')
  assert.equal(verdictOn('sweeper', { log: { ...LOG, overdue: 3, sweeperUntilMs: NOW + 1 } }), 'ok')
})

test.run()
