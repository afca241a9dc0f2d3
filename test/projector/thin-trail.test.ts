import assert from 'node:assert/strict'

import * as fc from 'fast-check'
import { suite } from 'uvu'

import { decodeEvent, encodeValue } from '../../src/codec.ts'
import { evolve, type JobState } from '../../src/core/evolve.ts'
import type { JobFields } from '../../src/core/job.ts'
import type { StoredEvent } from '../../src/stored-event.ts'
import { ThinTrail } from '../../src/thin-trail.ts'

const test = suite('A thin trail')

const anyEvent = fc.record({
  type: fc.constantFrom('updated', 'updated', 'updated', 'progressed', 'created', 'snapshotted', 'deleted'),
  fields: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer()),
  removed: fc.subarray(['a', 'b', 'd']),
  stamp: fc.constantFrom(null, null, 'queuedAt' as const),
})

test('gives the same states as all events, now and at a position', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 20 }), fc.nat(21), fc.nat(5), (given, through, untouched) => {
      const events = given.map((one, index) => storedEvent(index + 1, one))
      const thin = thinned(events, through, untouched)
      assert.deepEqual(fold(thin), fold(events))
      const upTo = (all: StoredEvent[]): StoredEvent[] => all.filter(({ version }) => version <= through)
      assert.deepEqual(fold(upTo(thin)), fold(upTo(events)))
      assert.equal(thin[0], events[0], 'the oldest one stays')
    }),
  )
})

test('holds few of many events that overwrite each other', () => {
  const event = (version: number): StoredEvent =>
    storedEvent(version, { type: 'progressed', fields: { a: version }, removed: [], stamp: null })
  const events = Array.from({ length: 1000 }, (_, index) => event(index + 1))
  assert.deepEqual(
    thinned(events, 500, 0).map(({ version }) => version),
    [1, 500, 1000],
  )
})

/** @param untouched how many of the newest come before the trail is made */
function thinned(events: readonly StoredEvent[], through: number, untouched: number): StoredEvent[] {
  const newestFirst = events.toReversed()
  const gathered = newestFirst.slice(0, untouched)
  const trail = new ThinTrail(gathered, { sequence: through, key: '' })
  for (const event of newestFirst.slice(untouched)) trail.push(event)
  return gathered.reverse()
}

function fold(events: readonly StoredEvent[]): JobState | null {
  return events.reduce<JobState | null>((state, event) => evolve(state, decodeEvent(event, '')), null)
}

interface Given {
  type: string
  fields: JobFields
  removed: string[]
  stamp: StoredEvent['stamp']
}

function storedEvent(version: number, { type, fields, removed, stamp }: Given): StoredEvent {
  return {
    id: String(version),
    position: { sequence: version, key: String(version) },
    type,
    stamp,
    jobId: 'job-1',
    userId: 'user-1',
    version,
    previous: version === 1 ? null : String(version - 1),
    at: version,
    removed,
    meta: null,
    data: encodeValue(fields),
  }
}

test.run()
