import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { isLinearizable, type Call, type Operation } from './linearizable.ts'

const test = suite('The checker of histories')

/** One after the other. */
function inTurn(...calls: [Call, string | null][]): Operation[] {
  return calls.map(([call, answer], index) => ({ call, answer, startMs: index * 2, endMs: index * 2 + 1 }))
}

const create: Call = { verb: 'create', value: 1 }
const read: Call = { verb: 'read' }

test('what one client sees of its own work is legal', () => {
  const calls: [Call, string][] = [
    [create, 'done'],
    [{ verb: 'setNote', value: 5, expected: 1 }, '1/5'],
    [{ verb: 'setValue', value: 2, expected: 1 }, 'conflict v2'],
    [read, 'v2 1/5'],
    [{ verb: 'delete' }, 'done'],
    [read, 'none'],
    [create, 'done'],
    [read, 'v4 1/0'],
  ]
  assert.ok(isLinearizable(inTurn(...calls)))
})

test('a read of what was there before is illegal, unless it began before', () => {
  const history = inTurn([create, 'done'], [{ verb: 'setValue', value: 2 }, '2/0'], [read, 'v1 1/0'])
  assert.equal(isLinearizable(history), false)
  const [first, second, late] = history as [Operation, Operation, Operation]
  assert.ok(isLinearizable([first, second, { ...late, startMs: second.startMs }]))
})

test('one version is won twice: illegal', () => {
  const [first] = inTurn([create, 'done']) as [Operation]
  const won = [2, 3].map((value) => ({
    call: { verb: 'setValue' as const, value, expected: 1 },
    answer: `${value}/0`,
    startMs: 2,
    endMs: 3,
  }))
  assert.equal(isLinearizable([first, ...won]), false)
})

test('what is not known may have been, late too, or not at all; but not twice', () => {
  const unknown: [Call, null] = [{ verb: 'setValue', value: 2 }, null]
  assert.ok(isLinearizable(inTurn([create, 'done'], unknown, [read, 'v1 1/0'])))
  assert.ok(isLinearizable(inTurn([create, 'done'], unknown, [read, 'v1 1/0'], [read, 'v2 2/0'])))
  assert.equal(isLinearizable(inTurn([create, 'done'], unknown, [read, 'v3 2/0'])), false)
})

test.run()
