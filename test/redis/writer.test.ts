import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

import { suite } from 'uvu'

import { Writer } from '../../src/redis/writer.ts'
import { eventually } from '../support/eventually.ts'

const test = suite('A writer of batches')

/** Answers batches by the order in which they are to be, and notes what was sent under which number. */
class Server {
  /** Which batch came, in the order of the numbers of each series. */
  readonly sent: string[] = []
  readonly #answers = new Map<string, (reply: unknown[] | Error) => void>()

  /** What sends the batch of that name. */
  take(name: string): (header: readonly unknown[]) => Promise<unknown[]> {
    return ([, number]) => {
      this.sent.push(`${name}${String(number)}`)
      return new Promise((resolve, reject) =>
        this.#answers.set(name, (reply) => (reply instanceof Error ? reject(reply) : resolve(reply))),
      )
    }
  }

  async answer(name: string, reply: unknown[] | Error = ['DONE', '']): Promise<void> {
    const settle = await eventually(() => this.#answers.get(name) ?? assert.fail(`${name} was not sent`))
    this.#answers.delete(name)
    settle(reply)
  }
}

/** Begins to write a batch of each name. @returns what they come to */
function writeAll(writer: Writer, server: Server, names: string): Promise<unknown>[] {
  return names.split('').map((name) => writer.write(server.take(name), async () => {}))
}

test('runs no further ahead of a batch under way than outcomes are kept', async () => {
  const [writer, server] = [new Writer(() => {}), new Server()]
  const writing = writeAll(writer, server, 'abcdef')
  for (const name of 'bcd') await server.answer(name)
  await delay(50)
  assert.deepEqual(server.sent, ['a1', 'b2', 'c3', 'd4'], 'the first one may come again, and must find its outcome')
  for (const name of 'aef') await server.answer(name)
  await Promise.all(writing)
  assert.deepEqual(server.sent, ['a1', 'b2', 'c3', 'd4', 'e5', 'f6'])
})

test('lets none that comes late pass one that waits for a batch of an older series', async () => {
  const [writer, server] = [new Writer(() => {}), new Server()]
  const [first, ...writing] = writeAll(writer, server, 'ab')
  await server.answer('a', new Error('given up'))
  await assert.rejects(first ?? Promise.resolve(), /given up/)
  writing.push(...writeAll(writer, server, 'c'))
  await server.answer('b')
  await writing[0]
  // At this very moment nothing is under way, and c sleeps.
  writing.push(...writeAll(writer, server, 'd'))
  for (const name of 'cd') await server.answer(name)
  await Promise.all(writing)
  assert.deepEqual(server.sent, ['a1', 'b2', 'c1', 'd2'])
})

test('numbers anew in their order what the server has lost, whichever learns of it first', async () => {
  const losses: number[] = []
  const [writer, server] = [new Writer((batches) => losses.push(batches)), new Server()]
  const [first, ...writing] = writeAll(writer, server, 'abc')
  await server.answer('a')
  await first
  await server.answer('c', ['REWOUND', '0'])
  await delay(50)
  await server.answer('b', ['REWOUND', '0'])
  for (const name of 'bc') await server.answer(name)
  await Promise.all(writing)
  assert.deepEqual(server.sent, ['a1', 'b2', 'c3', 'b1', 'c2'])
  assert.deepEqual(losses, [1])
})

test.run()
