import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import { migrate } from '../../src/migrate.ts'
import { aJob } from '../contract/jobs.ts'
import { furnish, nextTime } from './support/furnish.ts'
import { House, MOVES } from './support/houses.ts'
import { assertSame, whatIsTold } from './support/told.ts'

const test = suite('migrate: a log that was compacted')

for (const [name, fromFactory, toFactory] of MOVES) {
  test(`${name}: what is left of the past stays, and no more is told of it`, async () => {
    await using fromHouse = new House(fromFactory)
    await using toHouse = new House(toFactory)
    const from = await fromHouse.open()
    const to = await toHouse.open()
    await furnish(from)
    const before = await nextTime(from)
    await from.updateProgress('changed', { percent: 51 })
    await from.delete('full')
    await from.compact({ before })
    await from.updateStatus('changed', 'completed')
    await from.create(aJob({ id: 'full' }))
    await from.create(aJob({ id: 'deleted' }))
    const told = await whatIsTold(from, ['expired'])

    await migrate(from, to)
    assertSame(await whatIsTold(to, ['expired']), told)
    assert.deepEqual((await to.verify()).drift, [])
    assert.equal((await to.rebuild()).repaired, 0)
    const version = (await from.findRecord('changed'))?.version ?? assert.fail('it is gone')
    await to.updateProgress('changed', { percent: 52 }, { expectedVersion: version })
    await to.compact({ before: new Date(Date.now() + 60_000) })
    assert.equal((await to.findRecord('changed'))?.version, version + 1)
    assert.deepEqual((await to.verify()).drift, [])
  })
}

test.run()
