import * as assert from 'node:assert/strict'

import type { CommandOptions } from '../../src/core/command.ts'
import { assertRejects, assertTypeError, assertWritesNothing, collect, newestOf, pictureOf } from './assertions.ts'
import { VERBS, type Verb } from './commands.ts'
import type { Suite } from './harness.ts'
import { aJob, HOUR_MS, textOf } from './jobs.ts'

const CHANGES = VERBS.filter((verb) => verb.name !== 'create')

export const commandOptions: Suite = (test) => {
  for (const { name, run } of CHANGES) {
    test(`${name} with the expectedVersion that the job has is applied`, async (store) => {
      await store.create(aJob())
      await store.update('job-1', { note: 1 })
      await run(store, { expectedVersion: 2 })
      assert.strictEqual((await newestOf(store, 'job-1')).version, 3)
    })

    test(`${name} with another expectedVersion writes nothing`, async (store) => {
      await store.create(aJob())
      await store.update('job-1', { note: 1 })
      for (const expectedVersion of [0, 1, 3, Number.MAX_SAFE_INTEGER]) {
        const facts = { expected: expectedVersion, actual: 2 }
        await assertWritesNothing(store, () => run(store, { expectedVersion }), 'VERSION_CONFLICT', facts)
      }
    })
  }

  test('create expects the version that the id was left at', async (store) => {
    const create = (expectedVersion: number): Promise<void> => store.create(aJob(), { expectedVersion })
    await assertWritesNothing(store, () => create(1), 'VERSION_CONFLICT', { expected: 1, actual: 0 })
    await create(0)
    await assertWritesNothing(store, () => create(1), 'JOB_ALREADY_EXISTS')
    await store.delete('job-1')
    await assertWritesNothing(store, () => create(0), 'VERSION_CONFLICT', { expected: 0, actual: 2 })
    await create(2)
    await store.update('job-1', { expiresAt: new Date(5) })
    await assertRejects(() => create(4), 'VERSION_CONFLICT', { expected: 4, actual: 5 })
    await create(5)
    assert.strictEqual((await store.findRecord('job-1'))?.version, 6)
  })

  test('a job that is not there is not there, whatever version is expected', async (store) => {
    assert.strictEqual(await store.update('job-1', { note: 1 }, { expectedVersion: 0 }), null)
    assert.strictEqual(await store.updateStatus('job-1', 'queued', { expectedVersion: 7 }), null)
    assert.strictEqual(await store.delete('job-1', { expectedVersion: 7 }), false)
  })

  for (const { name, run, other } of VERBS) {
    test(`${name} repeated with its commandId gives the first outcome and is not applied again`, async (store) => {
      if (name !== 'create') await store.create(aJob())
      const first = await run(store, { commandId: 'c-1' })
      const before = await pictureOf(store)
      for (let time = 1; time <= 3; time++)
        assert.deepStrictEqual(await run(store, { commandId: 'c-1', meta: { time } }), first)
      assert.deepStrictEqual(await pictureOf(store), before)
    })

    test(`${name} repeated later gives what came out then, whatever became of the job`, async (store) => {
      if (name !== 'create') await store.create(aJob())
      const first = await run(store, { commandId: 'c-1' })
      if (name === 'delete') await store.create(aJob({ mark: 'second life' }))
      await store.update('job-1', { note: 'changed since', status: 'failed', userId: 'user-2' })
      assert.deepStrictEqual(await run(store, { commandId: 'c-1' }), first)
      await store.delete('job-1')
      assert.deepStrictEqual(await run(store, { commandId: 'c-1' }), first)
      await store.create(aJob({ expiresAt: new Date(5) }))
      const before = await pictureOf(store)
      assert.deepStrictEqual(await run(store, { commandId: 'c-1' }), first)
      assert.deepStrictEqual(await pictureOf(store), before)
    })

    test(`${name} given twice at once with one commandId is applied once`, async (store) => {
      if (name !== 'create') await store.create(aJob())
      const version = (await collect(store.events())).length
      const outcomes = await Promise.all([1, 2, 3].map(() => run(store, { commandId: 'c-1' })))
      assert.deepStrictEqual(outcomes, [outcomes[0], outcomes[0], outcomes[0]])
      assert.strictEqual((await collect(store.events())).length, version + 1)
    })

    test(`${name} with a commandId that the job has seen with another command is refused`, async (store) => {
      if (name !== 'create') await store.create(aJob())
      await run(store, { commandId: 'c-1' })
      if (name !== 'delete')
        await assertWritesNothing(store, () => other(store, { commandId: 'c-1' }), 'COMMAND_REUSED')
      const differs = (verb: Verb): boolean => verb.name !== name
      for (const verb of VERBS.filter(differs))
        await assertWritesNothing(store, () => verb.run(store, { commandId: 'c-1' }), 'COMMAND_REUSED')
    })
  }

  test('a repeated command that close() meets under way is finished', async (store) => {
    await store.create(aJob())
    const once = (): Promise<unknown> => store.updateProgress('job-1', { percent: 1 }, { commandId: 'c-1' })
    const first = await once()
    const [again] = await Promise.all([once(), store.close()])
    assert.deepStrictEqual(again, first)
  })

  test('a repeated command whose job began anew, and was forgotten before, gives the job as it is', async (store) => {
    await store.create(aJob())
    await store.updateProgress('job-1', { percent: 1 }, { commandId: 'c-1' })
    await store.delete('job-1')
    await store.create(aJob({ id: 'newer' }))
    await store.compact({ before: new Date(Date.now() + 60_000) })
    await store.create(aJob({ note: 'new' }))
    const again = await store.updateProgress('job-1', { percent: 1 }, { commandId: 'c-1' })
    assert.deepStrictEqual([again?.['note'], again?.progress], ['new', aJob().progress])
  })

  test('a retry is known by its commandId before its expectedVersion is looked at', async (store) => {
    await store.create(aJob())
    const once = (): Promise<unknown> => store.update('job-1', { note: 1 }, { commandId: 'c-1', expectedVersion: 1 })
    const first = await once()
    assert.deepStrictEqual(await once(), first)
    assert.strictEqual((await newestOf(store, 'job-1')).version, 2)
  })

  test('a refused command is not remembered', async (store) => {
    const queue = (options: CommandOptions): Promise<unknown> =>
      store.updateStatus('job-1', 'queued', { commandId: 'c-1', ...options })
    assert.strictEqual(await queue({}), null)
    await store.create(aJob())
    await assertRejects(() => queue({ expectedVersion: 7 }), 'VERSION_CONFLICT')
    assert.ok((await queue({ expectedVersion: 1 })) !== null)
    await assertRejects(() => store.create(aJob(), { commandId: 'c-2' }), 'JOB_ALREADY_EXISTS')
    assert.strictEqual(await store.delete('job-1', { commandId: 'c-2' }), true)
  })

  test('the order of fields makes no other command', async (store) => {
    await store.create(aJob())
    const updates = {
      b: { y: 1, x: [{ q: 1, p: 2 }] },
      a: new Date(5),
      status: 'queued',
      gone: undefined,
      away: undefined,
    }
    const first = await store.update('job-1', updates, { commandId: 'c-1' })
    const turned = {
      away: undefined,
      a: new Date(5),
      gone: undefined,
      status: 'queued',
      b: { x: [{ p: 2, q: 1 }], y: 1 },
    }
    assert.deepStrictEqual(await store.update('job-1', turned, { commandId: 'c-1' }), first)
  })

  test('every other difference does', async (store) => {
    await store.create(aJob())
    const pairs: [unknown, unknown][] = [
      [1, '1'],
      [1, 1n],
      [null, undefined],
      [null, 0],
      [false, 0],
      ['', null],
      [[], {}],
      [
        [1, 2],
        [2, 1],
      ],
      [new Date(5), 5],
      [new Date(5), new Date(5).toISOString()],
      [Buffer.from('a'), 'a'],
      [Buffer.from([1]), [1]],
      [{ a: 1 }, { a: 1, b: null }],
      [{ a: { b: 1 } }, { a: 1, b: 1 }],
      ['é', 'e\u0301'],
      [0.1, 0.1 + Number.EPSILON],
      [Number.NaN, null],
    ]
    for (const [index, [one, another]] of pairs.entries()) {
      const options = { commandId: `c-${index}` }
      await store.update('job-1', { value: one }, options)
      await assertRejects(() => store.update('job-1', { value: another }, options), 'COMMAND_REUSED')
      await assertRejects(() => store.update('job-1', { values: one }, options), 'COMMAND_REUSED')
    }
  })

  test('a commandId belongs to its job', async (store) => {
    const pairs = [
      ['a', 'b:c'],
      ['a:b', 'c'],
      ['a', 'c'],
      ['b', 'c'],
      ['1:a', 'c'],
      ['a\u0000', 'c'],
    ] as const
    for (const id of new Set(pairs.map(([one]) => one))) await store.create(aJob({ id }))
    for (const [id, commandId] of pairs) await store.update(id, { mark: `${id} ${commandId}` }, { commandId })
    for (const [id, commandId] of pairs) {
      const again = await store.update(id, { mark: `${id} ${commandId}` }, { commandId })
      assert.strictEqual(again?.['mark'], `${id} ${commandId}`)
    }
    assert.strictEqual((await collect(store.events({ types: ['updated'] }))).length, pairs.length)
  })

  test('a commandId may be any text of up to 512 bytes', async (store) => {
    await store.create(aJob())
    const ids = [
      'c',
      textOf(512),
      textOf(512, 'é'),
      '\u0000',
      '\r\n',
      '{x}',
      '*',
      '__proto__',
      '😀',
      'é',
      'e\u0301',
      '1',
      '01',
    ]
    for (const commandId of ids) await store.update('job-1', { commandId }, { commandId })
    for (const commandId of ids)
      assert.strictEqual((await store.update('job-1', { commandId }, { commandId }))?.['commandId'], commandId)
    assert.strictEqual((await newestOf(store, 'job-1')).version, ids.length + 1)
  })

  test('a repeat is answered from far back in a long history', async (store) => {
    await store.create(aJob())
    const first = await store.update('job-1', { note: 'first' }, { commandId: 'c-1' })
    await Promise.all(Array.from({ length: 300 }, (_, count) => store.update('job-1', { count })))
    assert.deepStrictEqual(await store.update('job-1', { note: 'first' }, { commandId: 'c-1' }), first)
  })

  test("a repeat of the command that ended the job's time gives that job", async (store) => {
    await store.create(aJob())
    const end = (): Promise<unknown> => store.update('job-1', { expiresAt: new Date(5) }, { commandId: 'c-1' })
    const first = await end()
    assert.ok(first !== null)
    assert.deepStrictEqual(await end(), first)
  })

  test('a repeat whose first outcome was compacted away changes nothing, and gives the job as it is', async (store) => {
    await store.create(aJob())
    await store.update('job-1', { note: 1 }, { commandId: 'c-1' })
    const last = await store.update('job-1', { note: 2 })
    await store.compact({ before: new Date(Date.now() + HOUR_MS) })
    assert.deepStrictEqual(await store.update('job-1', { note: 1 }, { commandId: 'c-1' }), last)
    assert.strictEqual((await store.findRecord('job-1'))?.version, 3)
  })

  test('options that are none are refused, and nothing is written', async (store) => {
    await store.create(aJob({ id: 'job-0', expiresAt: new Date(Date.now() + HOUR_MS) }))
    const before = await pictureOf(store)
    const bad: [unknown, string][] = [
      [null, 'options'],
      [5, 'options'],
      [[], 'options'],
      [{ expectedVersion: -1 }, 'expectedVersion'],
      [{ expectedVersion: 1.5 }, 'expectedVersion'],
      [{ expectedVersion: '1' }, 'expectedVersion'],
      [{ expectedVersion: null }, 'expectedVersion'],
      [{ commandId: '' }, 'commandId'],
      [{ commandId: 5 }, 'commandId'],
      [{ commandId: textOf(513) }, 'commandId'],
      [{ commandId: 'lone \ud800' }, 'commandId'],
      [{ meta: null }, 'meta'],
      [{ meta: 'ada' }, 'meta'],
      [{ meta: ['ada'] }, 'meta'],
    ]
    for (const { run } of VERBS) {
      for (const [options, argument] of bad)
        await assertTypeError(() => run(store, options as CommandOptions), argument)
      const meta = { actor: 'ada', at: { call: (): void => {} } }
      await assertRejects(() => run(store, { meta }), 'INVALID_JOB', { field: 'meta.at.call' })
    }
    assert.deepStrictEqual(await pictureOf(store), before)
  })
}
