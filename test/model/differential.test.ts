import { suite } from 'uvu'

import { memoryPlaces } from '../support/memory-places.ts'
import { redisMockPlaces } from '../support/redis-mock/redis-mock-places.ts'
import { redisPlaces } from '../support/redis-places.ts'
import { sqlitePlaces } from '../support/sqlite-places.ts'
import { findDifference, searchFrom } from './find-difference.ts'
import type { Contender } from './subject.ts'

const test = suite('The same commands on every backend')

const REFERENCE: Contender = { name: 'memory', factory: memoryPlaces, isOneLog: true }
const OTHERS: Contender[] = [
  { name: 'sqlite', factory: sqlitePlaces({ synchronous: 'normal' }), isOneLog: true },
  { name: 'redis', factory: redisPlaces({}), isOneLog: true },
  { name: 'redis mock', factory: redisMockPlaces(), isOneLog: true },
  { name: 'redis, 7 partitions', factory: redisPlaces({ partitions: 7 }), isOneLog: false },
]

test('random sequences have the same answers, errors and events', async () => {
  const search = searchFrom(process.env, 100)
  console.log(`differential: seed ${search.seed}, ${search.runs} sequences`)
  const difference = await findDifference([REFERENCE, ...OTHERS], search)
  if (difference !== null) throw new Error(difference)
})

test.run()
