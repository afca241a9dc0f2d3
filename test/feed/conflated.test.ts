import assert from 'node:assert/strict'

import * as fc from 'fast-check'
import { suite } from 'uvu'

import { conflated } from '../../src/feed/conflated.ts'

const test = suite('A reading that leaves older progress out')

interface Entry {
  event: { type: string; jobId: string }
  place: number
}

const entries = fc
  .array(fc.record({ type: fc.constantFrom('progressed', 'progressed', 'updated'), jobId: fc.constantFrom('a', 'b') }))
  .map((events) => events.map((event, place): Entry => ({ event, place })))

async function* read(log: readonly Entry[], error: Error | null = null): AsyncGenerator<Entry, string> {
  yield* log
  if (error !== null) throw error
  return 'the end'
}

/** What is handed over, and what that ends with. */
async function readAll(reading: AsyncGenerator<Entry, string>): Promise<{ come: Entry[]; end: unknown }> {
  const come: Entry[] = []
  try {
    let next = await reading.next()
    for (; next.done !== true; next = await reading.next()) come.push(next.value)
    return { come, end: next.value }
  } catch (error) {
    return { come, end: error }
  }
}

function isProgress({ event }: Entry): boolean {
  return event.type === 'progressed'
}

function isLastProgress(entry: Entry, log: readonly Entry[]): boolean {
  return log.findLast((other) => isProgress(other) && other.event.jobId === entry.event.jobId) === entry
}

test('all but progress comes, and the newest progress of each job, in their order; to an error, too', async () => {
  await fc.assert(
    fc.asyncProperty(entries, fc.integer({ min: 1, max: 12 }), fc.boolean(), async (log, bufferSize, fails) => {
      const error = fails ? new Error('away') : null
      const { come, end } = await readAll(conflated(read(log, error), bufferSize))
      assert.equal(end, error ?? 'the end')
      assert.deepEqual(
        come,
        come.toSorted((one, other) => one.place - other.place),
      )
      const due = log.filter((entry) => !isProgress(entry) || isLastProgress(entry, log))
      assert.deepEqual(
        due.filter((entry) => !come.includes(entry)),
        [],
      )
      // What is held at once is these, and one progress a job.
      if (log.filter((entry) => !isProgress(entry)).length + 2 <= bufferSize) assert.deepEqual(come, due)
    }),
    { numRuns: 1000 },
  )
})

test('no more is read ahead than what fits, nor for ever', async () => {
  let count = 0
  const endless = async function* (type: string): AsyncGenerator<Entry, string> {
    for (count = 1; ; count++) yield { event: { type, jobId: 'a' }, place: count }
  }
  const first = await conflated(endless('updated'), 10).next()
  assert.deepEqual([(first.value as Entry).place, count], [1, 11])
  const newest = await conflated(endless('progressed'), 10).next()
  assert.ok((newest.value as Entry).place === count && count < 20_000, `${count} were read`)
})

test.run()
