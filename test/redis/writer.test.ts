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
  /** The least number that each waited for. */
  readonly least: unknown[] = []
  /** The newest event that each knew. */
  readonly events: unknown[] = []
  readonly #answers = new Map<string, (reply: readonly unknown[] | Error) => void>()

  /** What sends the batch of that name. */
  take(name: string): (header: readonly unknown[]) => Promise<unknown[]> {
    return ([, number, , least, event]) => {
      this.sent.push(`${name}${String(number)}`)
      this.least.push(least)
      this.events.push(event)
      return new Promise((resolve, reject) =>
        this.#answers.set(name, (reply) => (reply instanceof Error ? reject(reply) : resolve([...reply]))),
      )
    }
  }

  async answer(name: string, reply: readonly unknown[] | Error = ['DONE', '']): Promise<void> {
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

test('goes on with its numbers behind one that was given up, and says which it still waits for', async () => {
  const [writer, server] = [new Writer(() => {}), new Server()]
  const [first, ...writing] = writeAll(writer, server, 'ab')
  await server.answer('a', new Error('given up'))
  await assert.rejects(first ?? Promise.resolve(), /given up/)
  await server.answer('b', ['EARLY', '0'])
  writing.push(...writeAll(writer, server, 'c'))
  await server.answer('c', ['EARLY', '0'])
  await server.answer('b')
  await server.answer('c')
  await Promise.all(writing)
  assert.deepEqual(server.sent, ['a1', 'b2', 'c3', 'b2', 'c3'])
  assert.deepEqual(server.least, [1, 1, 2, 2, 2])
})

test('does not count what was given up among what the server has lost', async () => {
  const losses: number[] = []
  const [writer, server] = [new Writer((batches) => losses.push(batches)), new Server()]
  for (const [name, reply] of [
    ['a', ['DONE', '']],
    ['b', new Error('given up')],
    ['c', ['DONE', '']],
  ] as const) {
    const [writing] = writeAll(writer, server, name)
    await server.answer(name, reply)
    await writing?.catch(() => {})
  }
  const writing = writeAll(writer, server, 'd')
  await server.answer('d', ['REWOUND', '0'])
  await server.answer('d')
  await Promise.all(writing)
  assert.deepEqual([losses, server.sent], [[2], ['a1', 'b2', 'c3', 'd4', 'd1']])
})

test('begins anew without a word where it is only forgotten', async () => {
  const losses: number[] = []
  const [writer, server] = [new Writer((batches) => losses.push(batches)), new Server()]
  const [first] = writeAll(writer, server, 'a')
  await server.answer('a', ['DONE', 'A 1 5-0'])
  await first
  const writing = writeAll(writer, server, 'bc')
  for (const name of 'bc') await server.answer(name, ['FORGOTTEN', 0])
  for (const name of 'bc') await server.answer(name)
  await Promise.all(writing)
  assert.deepEqual([losses, server.sent], [[], ['a1', 'b2', 'c3', 'b1', 'c2']])
  assert.deepEqual(server.events, ['', '5-0', '5-0', '', ''])
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
