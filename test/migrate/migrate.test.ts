import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import { migrate } from '../../src/migrate.ts'
import { assertRejects } from '../contract/assertions.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import { aJob } from '../contract/jobs.ts'
import { furnish } from './support/furnish.ts'
import { House, MOVES } from './support/houses.ts'
import { assertSame, whatIsTold } from './support/told.ts'

const test = suite('migrate: a store moves as a whole')

for (const [name, fromFactory, toFactory] of MOVES) {
  test(`${name}: versions, times, users, meta and values stay, and commands go on`, async () => {
    await using fromHouse = new House(fromFactory)
    await using toHouse = new House(toFactory)
    const from = await fromHouse.open()
    const to = await toHouse.open()
    await furnish(from)
    const before = await whatIsTold(from)

    const { events, jobs } = await migrate(from, to)
    const stats = await from.stats()
    assert.deepEqual({ events, jobs }, { events: stats.events, jobs: stats.jobs })
    assertSame(await whatIsTold(to), before)
    assertSame(await whatIsTold(from), before)
    assert.deepEqual((await to.verify()).drift, [])
    await assertStateIsFold(to)

    for (const store of [to, await toHouse.open()]) {
      const record = (await store.findRecord('changed')) ?? assert.fail('it is gone')
      await assertRejects(
        () => store.updateStatus('changed', 'failed', { expectedVersion: record.version - 1 }),
        'VERSION_CONFLICT',
        { expected: record.version - 1, actual: record.version },
      )
      await store.update('changed', { note: 'moved' }, { expectedVersion: record.version })
      assert.equal((await store.findRecord('changed'))?.version, record.version + 1)
    }
    await assertRejects(() => to.create(aJob({ id: 'full' })), 'JOB_ALREADY_EXISTS')
    await to.create(aJob({ id: 'deleted' }))
    assert.equal((await to.findRecord('deleted'))?.version, 4)
    await assertStateIsFold(to)
  })
}

test.run()
