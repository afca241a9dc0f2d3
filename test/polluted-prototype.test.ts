import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import { collect } from './contract/assertions.ts'
import { createEveryHistory } from './contract/every-history.ts'
import type { AnyJob, StoreFactory } from './contract/harness.ts'
import { aFullJob, aJob, removing } from './contract/jobs.ts'
import { memoryPlaces } from './support/memory-places.ts'
import { redisPlaces } from './support/redis-places.ts'
import { sqlitePlaces } from './support/sqlite-places.ts'

const test = suite('a program that puts enumerable properties on Object.prototype')

const BACKENDS: [name: string, factory: StoreFactory][] = [
  ['memory', memoryPlaces],
  ['SQLite', sqlitePlaces()],
  ['Redis', redisPlaces({})],
]

/** What careless libraries put there, and what copying goes into. */
const PROPERTIES: Record<string, unknown> = { extend: () => {}, polluted: { deep: [{}] }, text: 'x' }

for (const [name, { newPlace }] of BACKENDS) {
  test(`${name}: none of them gets into a job or an event`, async () => {
    const place = await newPlace()
    const store = place.open({ sweepIntervalMs: 0 })
    await polluted(async () => {
      await createEveryHistory(store)
      const job = aFullJob({ id: 'own', own: { inside: [{ a: {} }] } })
      await store.create(job, { meta: { actor: 'a', more: { of: {} } } })
      assertClean(await store.update('own', { own: { inside: [] }, note: {} }))
      assertClean(await store.updateProgress('own', { percent: 5, more: {} }))
      assertClean(await store.update('own', removing('note')))
      assertClean(await store.findById('own'))
      for (const found of await store.findByUserId(job.userId)) assertClean(found)
      assertClean(await store.findByIdAsOf('own', { version: 2 }))
      for (const { data, meta } of await collect(store.history('own'))) assertClean({ data, meta })
      assert.deepEqual((await store.verify()).drift, [])
      assert.equal((await store.rebuild()).repaired, 0)
    })
    const { own, progress } = (await store.findById('own')) as AnyJob
    assert.deepEqual([own, progress], [{ inside: [] }, { percent: 5, more: {} }])
    assert.ok((await store.update('own', { own: aJob() })) !== null)
    assert.deepEqual((await store.verify()).drift, [])
    await store.close()
    await place.dispose()
  })
}

async function polluted(run: () => Promise<void>): Promise<void> {
  const prototype = Object.prototype as Record<string, unknown>
  Object.assign(prototype, PROPERTIES)
  try {
    await run()
  } finally {
    for (const name of Object.keys(PROPERTIES)) delete prototype[name]
  }
}

/** No object in it has one of the properties as its own. */
function assertClean(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const name of Object.keys(PROPERTIES)) assert.ok(!Object.hasOwn(value, name), `${name} became a field`)
  for (const inside of Object.values(value)) assertClean(inside)
}

test.run()
