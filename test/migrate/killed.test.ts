import * as assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { suite } from 'uvu'

import { createJobStore, type JobStoreConfig } from '../../src/config.ts'
import type { JobStore } from '../../src/contract.ts'
import { JobStoreError } from '../../src/core/errors.ts'
import { migrate } from '../../src/migrate.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { startFixture } from '../support/children.ts'
import { randomPrefix } from '../support/redis-store.ts'
import { sharedRedis } from '../support/shared-redis.ts'
import { randomOf, seed } from '../support/random.ts'
import { fill, furnish } from './support/furnish.ts'
import { assertSame, logOf } from './support/told.ts'

const test = suite('migrate: killed anywhere, and run again')

/** The long form has 50. */
const ROUNDS = Number(process.env['JOBLEDGER_FAULT_ROUNDS'] ?? 5)

test(`SIGKILL at ${ROUNDS} random points, then another run: the log is whole, and no event is there twice`, async () => {
  console.log(`\nseed ${seed}`)
  const random = randomOf(seed)
  const { url } = await sharedRedis()
  const folder = mkdtempSync(join(tmpdir(), 'jobledger-'))
  const open = (config: JobStoreConfig): JobStore<AnyJob> => createJobStore<AnyJob>(config)
  const inFile = (name: string): JobStoreConfig => {
    return { type: 'sqlite', path: join(folder, name), sweepIntervalMs: 0, synchronous: 'normal' }
  }
  const inRedis = (partitions: number): JobStoreConfig => {
    return { type: 'redis', url, prefix: randomPrefix(), partitions, sweepIntervalMs: 0 }
  }
  const source = inFile('from.db')
  await using from = open(source)
  await furnish(from)
  await fill(from, 600)
  const log = await logOf(from)
  let unfinished = 0
  for (let round = 0; round < ROUNDS; round++) {
    const target = round % 2 === 0 ? inRedis(round % 4 === 0 ? 7 : 1) : inFile(`to-${round}.db`)
    await moveAndKill(source, target, random)
    await using to = open(target)
    const refusal = await to.create(aJob({ id: 'changed' })).catch((error: JobStoreError) => error.code)
    if (refusal === 'PROJECTION_LOST') {
      unfinished++
      await migrate(from, to)
    } else assert.equal(refusal, 'JOB_ALREADY_EXISTS', 'it was killed before it began, or after it was done')
    assertSame(await logOf(to), log)
    assert.deepEqual((await to.verify()).drift, [], `round ${round}`)
    const { jobs } = await from.stats()
    assert.equal((await to.stats()).jobs, jobs)
  }
  rmSync(folder, { recursive: true })
  console.log(`${unfinished} of ${ROUNDS} were killed before it was done`)
  assert.ok(unfinished >= ROUNDS / 2, `vacuous: only ${unfinished} of ${ROUNDS} were killed before it was done`)
})

/** Kills it a little after it has come as far as chance will have it. */
async function moveAndKill(from: JobStoreConfig, to: JobStoreConfig, random: () => number): Promise<void> {
  const child = startFixture(new URL('fixtures/migrate.ts', import.meta.url), JSON.stringify(from), JSON.stringify(to))
  const ended = once(child, 'exit')
  const killAt = random() * 0.8
  await new Promise<void>((resolve) => {
    child.on('message', (fraction: number) => {
      if (fraction > killAt) resolve()
    })
    child.once('exit', () => resolve())
  })
  await delay(random() * 20)
  child.kill('SIGKILL')
  await ended
}

test.run()
