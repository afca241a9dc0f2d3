import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import { EventLog } from '../../src/memory/event-log.ts'

const test = suite('the log in memory')

function append(log: EventLog, count: number, from = 0): void {
  for (let index = 0; index < count; index++) {
    const previous = log.end.sequence === 0 ? null : log.end.key
    const at = from + index
    const event = { type: 'updated', stamp: null, jobId: 'a', userId: 'u', version: index, previous, at }
    log.append({ ...event, removed: [], meta: null, data: new Uint8Array(1000) })
  }
}

test('numbers go on, whatever was dropped, and what is left is found', () => {
  const log = new EventLog()
  append(log, 5000)
  for (const through of [1, 2, 700, 2000, 2001, 4999, 5000, 4000]) {
    log.trim(through)
    const trimmed = Math.max(through, log.beginning.sequence)
    assert.equal(log.beginning.sequence, trimmed)
    assert.equal(log.size, 5000 - trimmed)
    assert.equal(log.end.sequence, 5000)
    assert.equal(log.firstAt, trimmed === 5000 ? null : trimmed)
    assert.equal(log.lastAt, 4999)
    assert.equal(log.get(String(trimmed)), null)
    assert.equal(log.get(String(trimmed + 1))?.position.sequence, trimmed === 5000 ? undefined : trimmed + 1)
    assert.deepEqual(log.after(0, 1)[0]?.id, trimmed === 5000 ? undefined : String(trimmed + 1))
    assert.equal(log.scan(trimmed - 1, 1).kind, 'gap')
    assert.equal(log.scan(trimmed, 1).kind, 'events')
    assert.equal(log.scan(5001, 1).kind, 'rewound')
    const { events, next, isTruncated } = log.back('5000', 10_000)
    const isGone = trimmed === 5000
    assert.deepEqual([events.length, next, isTruncated], [5000 - trimmed, isGone ? '5000' : String(trimmed), true])
  }
  append(log, 3, 5000)
  assert.deepEqual(
    log.after(0, 10).map(({ id }) => id),
    ['5001', '5002', '5003'],
  )
})

test('the last event before a time is found, also among equal times and where all are gone', () => {
  const log = new EventLog()
  assert.equal(log.positionBefore(5).sequence, 0)
  append(log, 10, 100)
  append(log, 10, 109)
  const expected: [ms: number, sequence: number][] = [
    [-5, 0],
    [100, 0],
    [101, 1],
    [109, 9],
    [110, 11],
    [118, 19],
    [119, 20],
    [1e15, 20],
  ]
  for (const [ms, sequence] of expected) assert.equal(log.positionBefore(ms).sequence, sequence, `before ${ms}`)
  log.trim(15)
  assert.equal(log.positionBefore(101).sequence, 15)
  assert.equal(log.positionBefore(118).sequence, 19)
  log.trim(20)
  assert.equal(log.positionBefore(118).sequence, 20)
})

test('what is dropped is freed: the memory in use stays flat', () => {
  const log = new EventLog()
  const usedBytes: number[] = []
  for (let round = 0; round < 20; round++) {
    append(log, 5000, round * 5000)
    log.trim(log.end.sequence - 100)
    usedBytes.push(process.memoryUsage().arrayBuffers)
  }
  // 5 MB come with each round: 100 MB if all of it stayed.
  assert.ok(Math.max(...usedBytes.slice(5)) < 60_000_000, `in use: ${usedBytes.join()}`)
})

test.run()
