import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

import { suite } from 'uvu'

import { assertStateIsFold } from '../contract/fold.ts'
import { aJob, textOf } from '../contract/jobs.ts'
import { messageOf, startFixture } from '../support/children.ts'
import { sharedRedis } from '../support/shared-redis.ts'
import { deleteAllButLogs, openWorkshop } from '../redis/support.ts'

const test = suite('P12: a projector that is killed anywhere leaves what another one completes')

/** The long form has 50. */
const ROUNDS = Number(process.env['JOBLEDGER_FAULT_ROUNDS'] ?? 4)
const JOBS = 4000

test(`SIGKILL at ${ROUNDS} random points of a rebuild, then a rebuild: state and counts are the log's`, async () => {
  await using workshop = await openWorkshop()
  const { store, redis, keys, prefix } = workshop
  const { url } = await sharedRedis()
  const ids = Array.from({ length: JOBS }, (_, index) => `job-${index}`)
  await Promise.all(
    ids.map((id, index) => store.create(aJob({ id, userId: `user-${index % 20}`, large: textOf(100) }))),
  )
  await Promise.all(ids.map((id) => store.updateStatus(id, 'queued')))
  let killedAtWork = 0
  for (let round = 0; round < ROUNDS; round++) {
    if (round % 2 === 0) await deleteAllButLogs(redis, prefix)
    else await damage()
    const child = startFixture(new URL('../redis/fixtures/project.ts', import.meta.url), url, prefix)
    const ended = once(child, 'exit')
    assert.equal(await messageOf(child), 'begins')
    const timeMs = 30 + Math.random() * 400
    const isDone = await Promise.race([messageOf(child).catch(() => 'ended'), delay(timeMs, 'in time')])
    child.kill('SIGKILL')
    await ended
    if (isDone === 'in time') killedAtWork++
    const successor = workshop.open()
    await successor.rebuild()
    assert.deepEqual((await successor.verify()).drift, [], `round ${round}, killed after ${timeMs} ms`)
    await successor.close()
  }
  assert.ok(killedAtWork >= ROUNDS / 2, `vacuous: only ${killedAtWork} of ${ROUNDS} projectors were killed at work`)
  await assertStateIsFold(workshop.open(), Infinity)

  /** A tenth of the jobs, of the entries, and the counts. */
  async function damage(): Promise<void> {
    const some = ids.filter((_, index) => index % 10 === 0)
    await redis.del(...some.map((id) => keys.job(id)))
    await redis.zrem(keys.expiry, ...ids.filter((_, index) => index % 10 === 1))
    await redis.hset(keys.job('job-2'), 'status', 'failed')
    await redis.hincrby(keys.counts, 'queued', 7)
  }
})

test.run()
