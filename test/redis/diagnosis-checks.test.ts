import assert from 'node:assert/strict'

import { suite } from 'uvu'

import type { Verdict } from '../../src/diagnosis/finding.ts'
import { checkNodes, checkStore } from '../../src/redis/diagnosis/diagnose.ts'
import type { NodeFacts, PartitionFacts, StoreFacts } from '../../src/redis/diagnosis/facts.ts'

const test = suite('Checks of a store in Redis')

const NOW = Date.UTC(2026, 0, 2)

/** A server as it should be. */
const NODE: NodeFacts = {
  address: 'one:6379',
  kind: 'redis',
  version: '7.2.4',
  role: 'primary',
  aof: { isOn: true, fsync: 'always', pausesOnRewrite: false, isLastWriteOk: true, isLastRewriteOk: true },
  rdb: { rules: '', isLastSaveOk: true },
  memory: { usedBytes: 10_000_000, limitBytes: 100_000_000, systemBytes: 1_000_000_000, policy: 'noeviction' },
  replicas: [],
  cluster: { isEnabled: false, state: null },
}

/** One that says nothing. */
const SILENT: NodeFacts = {
  ...NODE,
  version: null,
  role: null,
  aof: { isOn: null, fsync: null, pausesOnRewrite: null, isLastWriteOk: null, isLastRewriteOk: null },
  rdb: { rules: null, isLastSaveOk: null },
  memory: { usedBytes: null, limitBytes: null, systemBytes: null, policy: null },
  replicas: null,
  cluster: { isEnabled: null, state: null },
}

/** A partition as it should be. */
const PARTITION: PartitionFacts = {
  index: 0,
  meta: { format: '1', partitions: '1', epoch: 'e', sequence: 3, newest: '5-0', trimmedSequence: 1 },
  log: { length: 2, first: { id: '4-0', sequence: 2, atMs: 4 }, last: { id: '5-0', sequence: 3, atMs: 5 } },
  overdue: 0,
  samples: [],
}

const STORE: StoreFacts = {
  prefix: 'jobs',
  knownFormat: '1',
  expectedPartitions: null,
  partitions: [PARTITION],
  nowMs: NOW,
  sweeperUntilMs: null,
  refusals: [],
}

function verdictOn(topic: string, facts: Partial<NodeFacts>): Verdict | undefined {
  return checkNodes([{ ...NODE, ...facts }]).find((finding) => finding.topic === topic)?.verdict
}

function storeVerdictOn(topic: string, facts: Partial<StoreFacts>): Verdict | undefined {
  return checkStore({ ...STORE, ...facts }).find((finding) => finding.topic === topic)?.verdict
}

test('a good server and a good store have nothing but ok', () => {
  for (const { verdict, topic, advice } of [...checkNodes([NODE]), ...checkStore(STORE)])
    assert.deepEqual([verdict, advice], ['ok', null], topic)
})

test('of a server that says nothing, everything is unknown', () => {
  for (const { verdict, topic, advice } of checkNodes([SILENT])) {
    assert.equal(verdict, 'unknown', topic)
    assert.notEqual(advice, null)
  }
})

test('findings about several servers say which', () => {
  const findings = checkNodes([NODE, { ...NODE, address: 'two:6379' }])
  assert.deepEqual([...new Set(findings.map(({ where }) => where))], ['one:6379', 'two:6379'])
})

test('versions before 6.2 fail, those before 7 promise less', () => {
  const verdicts = ['5.0.14', '6.0.20', '6.2.0', '7.0.0', '8.2.1'].map((version) => verdictOn('server', { version }))
  assert.deepEqual(verdicts, ['fail', 'fail', 'warn', 'ok', 'ok'])
})

test('memory is judged by its share of the limit', () => {
  const verdicts = [79, 80, 97, 98, 120].map((percent) =>
    verdictOn('memory', { memory: { ...NODE.memory, usedBytes: percent * 1_000_000 } }),
  )
  assert.deepEqual(verdicts, ['ok', 'warn', 'warn', 'fail', 'fail'])
})

test('a policy that evicts is warned of while there is no limit, and fails with one', () => {
  const memory = { ...NODE.memory, policy: 'allkeys-lru' }
  assert.equal(verdictOn('eviction', { memory }), 'fail')
  assert.equal(verdictOn('eviction', { memory: { ...memory, limitBytes: 0 } }), 'warn')
})

test('a file that can not be written fails, one that can not be rewritten is warned of', () => {
  assert.equal(verdictOn('persistence', { aof: { ...NODE.aof, isLastWriteOk: false } }), 'fail')
  assert.equal(verdictOn('persistence', { aof: { ...NODE.aof, isLastRewriteOk: false } }), 'warn')
})

test('replicas that are behind are warned of', () => {
  const replica = { address: 'r:1', state: 'online', lagSeconds: 1, bytesBehind: 10 }
  const verdicts = [replica, { ...replica, lagSeconds: 11 }, { ...replica, state: 'wait_bgsave' }].map((one) =>
    verdictOn('replicas', { replicas: [replica, one] }),
  )
  assert.deepEqual(verdicts, ['ok', 'warn', 'warn'])
})

test('a Cluster that does not serve all slots fails', () => {
  const verdicts = ['ok', 'fail', null].map((state) => verdictOn('cluster', { cluster: { isEnabled: true, state } }))
  assert.deepEqual(verdicts, ['ok', 'fail', 'unknown'])
})

test('partitions of different stores, or too few of them, fail', () => {
  const other = (epoch: string): PartitionFacts => ({
    ...PARTITION,
    meta: { format: '1', partitions: '2', epoch, sequence: 0, newest: '', trimmedSequence: 0 },
    log: { length: 0, first: null, last: null },
  })
  const store = (...partitions: PartitionFacts[]): Verdict | undefined => storeVerdictOn('partitions', { partitions })
  assert.equal(store(other('a'), other('a')), 'ok')
  assert.equal(store(other('a'), other('b')), 'fail')
  assert.equal(store(other('a'), { ...other('a'), meta: null }), 'fail')
})

test('a sweeper that is gone matters once something is due', () => {
  const due = [{ ...PARTITION, overdue: 3 }]
  assert.equal(storeVerdictOn('sweeper', { partitions: due }), 'warn')
  assert.equal(storeVerdictOn('sweeper', { partitions: due, sweeperUntilMs: NOW + 1000 }), 'ok')
  assert.equal(storeVerdictOn('sweeper', { partitions: due, sweeperUntilMs: NOW - 1000 }), 'warn')
})

test('of very many partitions, only those are told that are wrong', () => {
  const partitions = Array.from({ length: 100 }, (_, index) => ({ ...PARTITION, index }))
  const logsOf = (facts: PartitionFacts[]): string[] =>
    checkStore({ ...STORE, partitions: facts }).flatMap(({ topic, verdict }) =>
      topic.startsWith('log') ? [`${topic} ${verdict}`] : [],
    )
  assert.deepEqual(logsOf(partitions), ['log ok'])
  partitions[7] = { ...PARTITION, index: 7, log: { length: 9, first: null, last: null } }
  assert.deepEqual(logsOf(partitions), ['log 7 fail'])
})

test.run()
