import { findDifference, searchFrom } from '../model/find-difference.ts'
import type { Contender } from '../model/subject.ts'
import { memoryPlaces } from '../support/memory-places.ts'
import { redisMockPlaces } from '../support/redis-mock/redis-mock-places.ts'
import { redisPlaces } from '../support/redis-places.ts'
import { sqlitePlaces } from '../support/sqlite-places.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'

faultTest({
  name: 'differential',
  promises: ['P7', 'P15'],
  // Sequences of some hundred commands and queries.
  amount: { short: 25, long: 1000 },
  floor: (amount) => amount * 20,
  mutants: ['any version is the expected one', 'a job whose time has come is read'],
  run: compareBackends,
})

/** The same random calls on every backend: the same answers, errors by code, and events; and each is the fold of its log. */
async function compareBackends(context: ScenarioContext): Promise<Outcome> {
  const { RedisJobStore } = await context.load()
  const backends: Contender[] = [
    { name: 'memory', factory: memoryPlaces, isOneLog: true },
    { name: 'sqlite', factory: sqlitePlaces({ synchronous: 'normal' }), isOneLog: true },
    { name: 'redis', factory: redisPlaces({}, { Store: RedisJobStore }), isOneLog: true },
    { name: 'redis mock', factory: redisMockPlaces(), isOneLog: true },
    { name: 'redis, 7 partitions', factory: redisPlaces({ partitions: 7 }, { Store: RedisJobStore }), isOneLog: false },
  ]
  const search = searchFrom(process.env, context)
  let hits = 0
  const difference = await findDifference(backends, search, () => hits++)
  const figures = `${search.runs} sequences, ${hits} calls, on ${backends.length} backends`
  return { hits, violations: difference === null ? [] : [difference], figures }
}
