import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { memoryPlaces } from '../support/memory-places.ts'
import { findDifference } from './find-difference.ts'
import { mutants } from './mutants.ts'
import type { Contender } from './subject.ts'

const test = suite('The differential test can fail')

/** Fixed: a test of the test must not depend on luck. */
const SEARCH = { seed: 7, runs: 1000 }
const RIGHT: Contender = { name: 'memory', factory: memoryPlaces, isOneLog: true }

/** What the sequences must come to for the comparison to mean something. */
const ANSWERS = [
  'create: done, JOB_ALREADY_EXISTS, INVALID_JOB, VERSION_CONFLICT, COMMAND_REUSED, PAYLOAD_TOO_LARGE, TypeError',
  'update: done, null, INVALID_JOB, VERSION_CONFLICT, COMMAND_REUSED, INVALID_TRANSITION, TypeError',
  'updateStatus: done, null, VERSION_CONFLICT, COMMAND_REUSED, INVALID_TRANSITION, TypeError',
  'updateProgress: done, null, VERSION_CONFLICT, COMMAND_REUSED, TypeError',
  'delete: done, false, VERSION_CONFLICT, COMMAND_REUSED, TypeError',
  'findById: done, null, TypeError',
  'findRecord: done, null',
  'findByUserId: done, empty, INVALID_JOB, TypeError',
  'listByUserId: done, INVALID_CURSOR',
  'listAllByUserId: done',
  'countByUserId: done, 0, TypeError',
  'countByStatus: done, 0, INVALID_JOB',
  'findByIdAsOf: done, null, HISTORY_TRUNCATED, TypeError',
  'history: done, empty',
  'events: done, INVALID_CURSOR, TypeError',
  'eventsAfter: done',
  'eventsOfLateReader: done, CURSOR_GAP',
  'stats: done',
  'purgeExpired: done, TypeError',
  'verify: done',
  'rebuild: done',
  'compact: done',
]

test('two right stores do not differ, and give every kind of answer', async () => {
  const seen = new Set<string>()
  const difference = await findDifference([RIGHT, RIGHT], { ...SEARCH, runs: 300 }, (call, answer) =>
    seen.add(`${call.verb} ${kindOf(answer)}`),
  )
  assert.equal(difference, null)
  const wanted = ANSWERS.flatMap((line) => {
    const [verb = '', kinds = ''] = line.split(': ')
    return kinds.split(', ').map((kind) => `${verb} ${kind}`)
  })
  assert.deepEqual(
    wanted.filter((answer) => !seen.has(answer)),
    [],
  )
})

for (const mutant of mutants()) {
  test(`${mutant.name} is found, and told in a few steps`, async () => {
    const difference = (await findDifference([RIGHT, mutant], SEARCH)) ?? assert.fail('no difference was found')
    assert.match(difference, new RegExp(mutant.name))
    assert.ok(difference.includes(`JOBLEDGER_DIFFERENTIAL_SEED=${SEARCH.seed} `), difference)
    const steps = [...difference.matchAll(/^\d+\. through store/gm)].length
    assert.ok(steps >= 1 && steps <= 6, `not short:\n${difference}`)
  })
}

function kindOf(answer: unknown): string {
  if (Array.isArray(answer) && answer.length === 0) return 'empty'
  if (typeof answer === 'object' && answer !== null && 'rejected' in answer) return String(answer.rejected)
  return [null, false, 0].includes(answer as null) ? String(answer) : 'done'
}

test.run()
