import * as assert from 'node:assert/strict'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

import { suite } from 'uvu'

import { createEveryHistory } from '../contract/every-history.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import { jobsOf } from '../contract/jobs.ts'
import { startFixture } from './support/children.ts'
import { randomOf, seed } from '../support/random.ts'
import { openStore, withConnection, withPath } from './support/stores.ts'

const test = suite('kill -9 of a process that rebuilds an SQLite file')

/** JOBLEDGER_FAULT_ROUNDS=50 is the long form. */
const ROUNDS = Number(process.env['JOBLEDGER_FAULT_ROUNDS'] ?? 5)
const JOBS = 2000
/** About how often a rebuild tells how far it has come. */
const STEPS = 3 + JOBS / 64
/** Of the rounds, so many must have been cut off with some rows back and some not. */
const LEAST_CUT_OFF = Math.ceil(ROUNDS / 5)

test(
  'leaves what the next rebuild finishes',
  withPath(async (path) => {
    console.log(`\nseed ${seed}`)
    const random = randomOf(seed)
    const store = openStore(path)
    await createEveryHistory(store)
    const jobs = jobsOf('many', JOBS).map((job) => ({ ...job, id: `many-${job.id}` }))
    await Promise.all(jobs.map((job) => store.create(job)))
    await Promise.all(jobs.map((job) => store.updateStatus(job.id, 'queued')))
    const rows = countRows(path)
    let cutOff = 0
    for (let round = 0; round < ROUNDS; round++) {
      damage(path, random)
      await rebuildAndKill(path, 1 + Math.floor(random() * STEPS))
      const left = countRows(path)
      if (left > 0 && left < rows) cutOff++
      assert.equal(
        withConnection(path, (connection) => connection.pragma('integrity_check', { simple: true })),
        'ok',
      )
      await store.rebuild()
      assert.deepEqual((await store.verify()).drift, [], `round ${round}`)
      assert.equal((await store.rebuild()).repaired, 0)
    }
    await assertStateIsFold(store, Infinity)
    console.log(`${cutOff} of ${ROUNDS} cut off midway`)
    assert.ok(cutOff >= LEAST_CUT_OFF, `vacuous: only ${cutOff} of ${ROUNDS} rounds were cut off midway`)
    await store.close()
  }),
)

/** Everything gone, or counts off and some rows wrong. */
function damage(path: string, random: () => number): void {
  withConnection(path, (connection) => {
    connection.exec('DELETE FROM jobs; DELETE FROM status_counts')
    if (random() < 0.5) connection.exec('DELETE FROM user_counts')
    else connection.exec(`UPDATE user_counts SET jobs = jobs + 3; INSERT INTO user_counts VALUES ('nobody', 2)`)
  })
}

/** Runs it in a process of its own, and kills that at the given step, if it gets so far. */
async function rebuildAndKill(path: string, killAt: number): Promise<void> {
  const child = startFixture('rebuild-until-killed.ts', path)
  let steps = 0
  const lines = createInterface({ input: child.stdout ?? assert.fail('no stdout') })
  lines.on('line', () => {
    if (++steps === killAt) child.kill('SIGKILL')
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  assert.ok(signal === 'SIGKILL' || code === 0, `it ended with ${String(code ?? signal)}`)
}

function countRows(path: string): number {
  return withConnection(path, (connection) => connection.prepare('SELECT count(*) FROM jobs').pluck().get() as number)
}

test.run()
