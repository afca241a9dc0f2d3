import * as assert from 'node:assert/strict'
import { Readable } from 'node:stream'

import { suite } from 'uvu'

import { InvalidLogError } from '../../src/core/errors.ts'
import { readLogLines } from '../../src/json-lines/read-log-lines.ts'
import { collect } from '../contract/assertions.ts'
import { anUpdate, assertRefusedAt, logOf, read } from './support/log.ts'

const test = suite('reading a log from JSON lines')

const EVENTS = [1, 2, 3].map((version) => anUpdate(version))
const [HEADER = '', FIRST = '', SECOND = '', THIRD = '', FOOTER = ''] = logOf(EVENTS)

test('the events of a log come in its order', async () => {
  assert.deepStrictEqual(await read([HEADER, FIRST, SECOND, THIRD, FOOTER]), EVENTS)
  assert.deepStrictEqual(await read([`${HEADER}\n\n${FIRST}\n${SECOND}`, `\n${THIRD}\n`, `${FOOTER}\n\n`]), EVENTS)
  assert.deepStrictEqual(await read(logOf([])), [])
})

test('a log that was cut off is noticed wherever it was', async () => {
  const text = logOf(EVENTS).join('\n')
  for (let length = 0; length < text.length; length++) {
    const error: unknown = await read([text.slice(0, length)]).catch((thrown: unknown) => thrown)
    assert.ok(error instanceof InvalidLogError, `${length}: ${String(error)}`)
  }
  await assertRefusedAt([HEADER, FIRST, SECOND, THIRD], 5, 'line')
  await assertRefusedAt([], 1, 'line')
})

test('a line that is missing, doubled or out of order is noticed', async () => {
  await assertRefusedAt([HEADER, FIRST, THIRD, FOOTER], 3, 'version')
  await assertRefusedAt([HEADER, FIRST, FIRST, SECOND, FOOTER], 3, 'version')
  await assertRefusedAt([HEADER, SECOND, FIRST, THIRD, FOOTER], 3, 'version')
  await assertRefusedAt([HEADER, FIRST, SECOND, FOOTER], 4, 'events')
  await assertRefusedAt([FIRST, SECOND, THIRD, FOOTER], 1, 'jobledger')
})

test('nothing may follow the last line', async () => {
  await assertRefusedAt([HEADER, FOOTER.replace('3', '0'), FIRST], 3, 'line')
  await assertRefusedAt([...logOf(EVENTS), ...logOf(EVENTS)], 6, 'line')
})

test('an event must name the one before it of its job', async () => {
  await assertRefusedAt(logOf([anUpdate(1), anUpdate(2, { previous: '7' })]), 3, 'previous')
  await assertRefusedAt(logOf([anUpdate(1), anUpdate(2, { previous: null })]), 3, 'previous')
  await assertRefusedAt(logOf([anUpdate(1, { previous: '7' })]), 2, 'previous')
})

test('jobs have chains of their own, of which any version may come first', async () => {
  const other = anUpdate(8, { jobId: 'job-2', id: 'b8', previous: 'dropped' })
  const events = [anUpdate(1), other, anUpdate(2), anUpdate(9, { jobId: 'job-2', previous: 'b8' })]
  assert.deepStrictEqual(await read(logOf(events)), events)
})

test('a snapshot has the version of the event before it', async () => {
  const job = { ...aSnapshot(), version: 2, previous: '2', id: '3' }
  const events = [anUpdate(1), anUpdate(2), job, anUpdate(3, { id: '4', previous: '3' })]
  assert.deepStrictEqual(await read(logOf(events)), events)
  await assertRefusedAt(logOf([anUpdate(1), anUpdate(2), { ...job, version: 3 }]), 4, 'version')
  const alone = [{ ...aSnapshot(), version: 5, previous: 'dropped', id: '9' }, anUpdate(6, { previous: '9' })]
  assert.deepStrictEqual(await read(logOf(alone)), alone)
})

function aSnapshot(): ReturnType<typeof anUpdate> {
  return anUpdate(1, {
    type: 'snapshotted',
    data: {
      id: 'job-1',
      userId: 'user-1',
      status: 'pending',
      progress: { percent: 0 },
      retryCount: 0,
      maxRetries: 3,
      createdAt: new Date(0),
      expiresAt: new Date(1),
    },
  })
}

test('other formats, files and footers are refused', async () => {
  await assertRefusedAt(['{"jobledger":2,"content":"log"}', FOOTER], 1, 'jobledger')
  await assertRefusedAt(['{"jobledger":"1"}'], 1, 'jobledger')
  await assertRefusedAt(['{"jobledger":1,"content":"jobs"}'], 1, 'content')
  await assertRefusedAt(['[1]'], 1, 'line')
  await assertRefusedAt(['no JSON'], 1, 'line')
  await assertRefusedAt([HEADER, '{"end":false,"events":0}'], 2, 'end')
  await assertRefusedAt([HEADER, '{"end":true}'], 2, 'events')
  await assertRefusedAt([HEADER, '{"end":true,"events":"0"}'], 2, 'events')
})

test('what newer programs add to the first and the last line is no matter', async () => {
  const header = '{"jobledger":1,"content":"log","writtenBy":"2.0.0"}'
  assert.deepStrictEqual(await read([header, '{"end":true,"events":0,"more":1}']), [])
})

test('bytes that are no UTF-8 are refused, naming the line', async () => {
  const bytes = Buffer.from(`${HEADER}\n${FIRST}\n`)
  const broken = Readable.from([bytes, Buffer.from([0xff])])
  await assert.rejects(collect(readLogLines(broken)), (error) => error instanceof InvalidLogError && error.line === 3)
})

test('leaving the loop stops the source', async () => {
  let isStopped = false
  const source = (async function* () {
    try {
      for (const line of logOf(EVENTS)) yield `${line}\n`
    } finally {
      isStopped = true
    }
  })()
  for await (const event of readLogLines(source)) {
    assert.equal(event.version, 1)
    break
  }
  assert.ok(isStopped)
})

test.run()
