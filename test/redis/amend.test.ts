import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { FORMAT } from '../../src/redis/link.ts'
import { loadScripts } from '../../src/redis/scripts.ts'
import { fill, openWorkshop } from './support.ts'

const test = suite('The correction of counts')

test('that comes twice, since its reply was lost, is made once', async () => {
  await using workshop = await openWorkshop()
  const { store, redis, keys } = workshop
  await fill(store)
  const { lua } = loadScripts(Number(/redis_version:(\d+)/.exec(await redis.info('server'))?.[1])).amend
  const amend = (token: string): Promise<unknown> =>
    redis.eval(lua, 2, keys.meta, `${keys.base}absent`, FORMAT, token, 'failed', 5)
  for (const token of ['a', 'a', 'b']) await amend(token)
  assert.equal(await store.countByStatus('failed'), 10)
})

test.run()
