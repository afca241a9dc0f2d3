import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

import { suite } from 'uvu'

import { Writer } from '../../src/redis/writer.ts'
import { eventually } from '../support/eventually.ts'

const test = suite('A writer of batches')

test('runs no further ahead of a batch under way than outcomes are kept', async () => {
  const writer = new Writer(() => {})
  const sent: number[] = []
  const answers = new Map<number, () => void>()
  const send = async ([, number]: readonly unknown[]): Promise<unknown[]> => {
    sent.push(Number(number))
    await new Promise<void>((resolve) => answers.set(Number(number), resolve))
    return ['DONE', '']
  }
  const writing = Array.from({ length: 6 }, () => writer.write(send, async () => {}))
  const answer = async (number: number): Promise<void> =>
    (await eventually(() => answers.get(number) ?? assert.fail()))()
  for (const number of [2, 3, 4]) await answer(number)
  await delay(50)
  assert.deepEqual(sent, [1, 2, 3, 4], 'the first one may come again, and must find its outcome')
  await answer(1)
  await answer(5)
  await answer(6)
  await Promise.all(writing)
  assert.deepEqual(sent, [1, 2, 3, 4, 5, 6])
})

test.run()
