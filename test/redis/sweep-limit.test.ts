import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { absentBeside } from '../../src/redis/keys.ts'
import { FORMAT } from '../../src/redis/link.ts'
import { assembleScript } from '../../src/redis/scripts.ts'
import { SWEEP_LIMIT } from '../../src/upkeep/sweeper.ts'
import { aJob } from '../contract/jobs.ts'
import { openWorkshop } from './support.ts'

const test = suite('What is due')

/** The scripts that end it before they answer, with what they are asked. */
const ASKED = { count: ['all', ''], list: ['user-1', '', 10, 0, '', '', 'places', ''] }

for (const [name, asked] of Object.entries(ASKED))
  test(`is ended by ${name}.lua in calls of as many jobs as the sweeper's`, async () => {
    await using workshop = await openWorkshop()
    const { store, redis, keys } = workshop
    const ids = Array.from({ length: SWEEP_LIMIT * 2 + 1 }, (_, index) => `job-${index}`)
    await Promise.all(ids.map((id) => store.create(aJob({ id, expiresAt: new Date(5) }))))
    const call = (): Promise<unknown> =>
      redis.eval(assembleScript(name), 2, keys.meta, absentBeside(keys.meta), FORMAT, ...asked)
    for (const left of [SWEEP_LIMIT + 1, 1]) {
      assert.deepEqual(await call(), ['DUE'])
      assert.equal(await redis.zcard(keys.expiry), left)
    }
    assert.equal(((await call()) as unknown[])[0], 'DONE')
    assert.equal(await redis.zcard(keys.expiry), 0)
  })

test.run()
