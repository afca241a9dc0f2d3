import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { assertStateIsFold } from '../contract/fold.ts'
import { aJob } from '../contract/jobs.ts'
import { startTraffic } from '../contract/traffic.ts'
import { openWorkshop } from '../redis/support.ts'
import { eventually } from '../support/eventually.ts'

const test = suite('P7, P12: verify and rebuild while four writers are at work')

/** What the issue asks for. */
const VERIFY_RUNS = 20
/** With writers at work a log grows, and each round goes over all of it. */
const REBUILD_ROUNDS = 10
/** The long form has 50 rounds. */
const REBUILT_STORES = Math.ceil(Number(process.env['JOBLEDGER_FAULT_ROUNDS'] ?? REBUILD_ROUNDS) / REBUILD_ROUNDS)

const SET_IF_LIVE =
  "if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end"

for (const partitions of [1, 3]) {
  test(`verify finds no drift in ${VERIFY_RUNS} of ${VERIFY_RUNS} runs: ${partitions} partitions`, async () => {
    await using workshop = await openWorkshop({ partitions })
    const stop = startTraffic(...Array.from({ length: 4 }, () => workshop.open()))
    const clean: boolean[] = []
    let events = 0
    for (let run = 0; run < VERIFY_RUNS; run++) {
      const report = await workshop.store.verify()
      clean.push(report.ok)
      events = report.events
    }
    const { errors, answered } = await stop()
    assert.deepEqual(errors, [])
    assert.equal(clean.filter(Boolean).length, VERIFY_RUNS)
    assert.ok(answered > 200 && events > 200, `vacuous: ${answered} commands, ${events} events`)
  })
}

for (let number = 1; number <= REBUILT_STORES; number++)
  test(`rebuild, with damage in ${REBUILD_ROUNDS} rounds: no write fails, and the state ends as the fold (store ${number})`, async () => {
    await using workshop = await openWorkshop()
    const { store, redis, keys } = workshop
    const idle = Array.from({ length: 200 }, (_, index) => `idle-${index}`)
    await Promise.all(idle.map((id) => store.create(aJob({ id, userId: `idle-${id.length}` }))))
    const stop = startTraffic(...Array.from({ length: 4 }, () => workshop.open()))
    let repaired = 0
    const damageAndRebuild = async (round: number): Promise<void> => {
      const victims = Array.from({ length: 12 }, (_, at) => idle[(round * 12 + at) % idle.length] as string)
      await redis.del(...victims.slice(0, 5).map((id) => keys.job(id)))
      await redis.zrem(keys.expiry, ...victims.slice(5, 10))
      await redis.zadd(keys.user('nobody'), ...victims.slice(10, 12).flatMap((id) => [5, id]))
      await redis.hincrby(keys.counts, 'pending', round - 5)
      // A job that writers are at work on: they carry the wrong status on into lists and counts.
      await redis.eval(SET_IF_LIVE, 1, keys.job('shared-1'), 'status', 'failed')
      repaired += (await store.rebuild()).repaired
    }
    const work = (async () => {
      for (let round = 0; round < REBUILD_ROUNDS; round++) await damageAndRebuild(round)
    })()
    await work.catch(() => {})
    const { errors, answered } = await stop()
    assert.deepEqual(errors, [])
    await work
    assert.ok(answered > 200 && repaired > REBUILD_ROUNDS * 5, `vacuous: ${answered} commands, ${repaired} repairs`)
    await store.rebuild()
    assert.deepEqual((await store.verify()).drift, [])
    await eventually(() => assertStateIsFold(workshop.open(), Infinity))
  })

test.run()
