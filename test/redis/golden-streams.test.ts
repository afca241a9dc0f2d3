import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

import { suite } from 'uvu'

import { exportLog } from '../../src/json-lines/export-log.ts'
import { collect } from '../contract/assertions.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import { openWorkshop } from './support.ts'

const test = suite('Streams of format 1 in Redis, which must replay for ever')

/** A stream as the first release wrote it, what it says as JSON lines, and the version that each job comes to. */
interface GoldenStream {
  entries: { id: string; fields: string[] }[]
  log: string[]
  versions: Record<string, number | null>
}

/**
 * Written by the first release, and never to be changed. `whole` has each type of event, values of each kind and size, and
 * an event of a newer program; `compacted` is the same store after a compaction, with snapshots.
 */
const GOLDEN = new URL('../golden/redis-streams-v1.json', import.meta.url)
const streams = JSON.parse(readFileSync(GOLDEN, 'utf8')) as Record<string, GoldenStream>

for (const [name, { entries, log, versions }] of Object.entries(streams)) {
  test(`${name}: the log says what it said, and makes the same jobs`, async () => {
    await using workshop = await openWorkshop({ onProjectionLost: 'rebuild' })
    const { store, redis, keys } = workshop
    for (const { id, fields } of entries)
      await redis.call('XADD', keys.events, id, ...fields.map((field) => Buffer.from(field, 'base64')))
    assert.deepEqual(
      (await collect(exportLog(store))).map((line) => line.trimEnd()),
      log,
    )
    for (const [id, version] of Object.entries(versions))
      assert.equal((await store.findRecord(id))?.version ?? null, version, id)
    assert.deepEqual((await store.verify()).drift, [])
    if (name === 'whole') await assertStateIsFold(store)
  })
}

test.run()
