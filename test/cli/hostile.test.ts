import assert from 'node:assert/strict'

import { suite } from 'uvu'

import type { JobStore } from '../../src/contract.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { fill, PLACES } from './support/places.ts'
import { runCli } from './support/run-cli.ts'

/** Sets the title, clears the screen, hides behind C1, turns the text around, ends the line. */
const HOSTILE = 'a\u001b]0;owned\u0007b\u001b[2Jc\u009b31md\u202ee\r\nf\u0000g\u2028h'

/** All that is not to reach a terminal; a line's end is ours. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const STEERING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

async function hostileJob(store: JobStore<AnyJob>): Promise<void> {
  const meta = { actor: HOSTILE, reason: HOSTILE }
  const job = aJob({ id: HOSTILE, userId: HOSTILE, [HOSTILE]: HOSTILE, note: { [HOSTILE]: [HOSTILE] } })
  await store.create(job, { meta })
  const error = { code: HOSTILE, message: HOSTILE }
  const progress = { percent: 1, stage: HOSTILE, message: HOSTILE }
  await store.update(HOSTILE, { status: 'failed', error, progress, [HOSTILE]: 'other' }, { meta })
}

for (const [name, newPlace] of Object.entries(PLACES)) {
  const test = suite(`Hostile ids and payloads on the command line: ${name}`)

  test('nothing that could steer a terminal is printed, and JSON keeps all of it', async () => {
    const place = await newPlace()
    await fill(place, hostileJob)
    // A NUL can't stand in an argument of a process: this id is found through its user only.
    const commands = [
      ['list', HOSTILE.replace('\0', '')],
      ['stats'],
      ['doctor'],
      ['get', HOSTILE.replace('\0', '')],
      ['history', HOSTILE.replace('\0', ''), '--as-of', HOSTILE.replace('\0', '')],
      [HOSTILE.replace('\0', '')],
    ]
    const runs = await Promise.all(commands.map((command) => runCli([...place.args, ...command])))
    for (const { stdout, stderr } of runs) {
      assert.notEqual(stdout + stderr, '')
      assert.doesNotMatch(stdout, STEERING)
      assert.doesNotMatch(stderr, STEERING)
    }
  })

  test('a job with such a text everywhere is printed by get, list and history', async () => {
    const place = await newPlace()
    await fill(place, async (store) => {
      await hostileJob(store)
      await store.update(HOSTILE, { userId: 'ann' })
      await store.create(aJob({ id: 'plain', userId: 'ann', note: HOSTILE, [HOSTILE]: HOSTILE }), {
        meta: { actor: HOSTILE },
      })
      await store.update('plain', { note: { [HOSTILE]: HOSTILE }, error: { code: HOSTILE, message: HOSTILE } })
    })
    const commands = ['list ann', 'get plain', 'history plain', 'history plain --as-of 1'].map((text) =>
      text.split(' '),
    )
    for (const form of [[], ['--json']]) {
      const runs = await Promise.all(commands.map((command) => runCli([...place.args, ...form, ...command])))
      for (const { code, stdout, stderr } of runs) {
        assert.equal(code, 0, stderr)
        assert.match(stdout, /owned/)
        assert.doesNotMatch(stdout, STEERING)
      }
      if (form.length === 0) continue
      const [list, get] = runs
      assert.ok(JSON.parse(list?.stdout ?? '').jobs.some((job: AnyJob) => job.id === HOSTILE))
      assert.deepEqual(JSON.parse(get?.stdout ?? '').job.note, { [HOSTILE]: HOSTILE })
    }
  })

  test.run()
}
