import * as assert from 'node:assert/strict'
import { createReadStream, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { suite } from 'uvu'

import type { JobEvent } from '../../src/core/event.ts'
import { encodeEventLine } from '../../src/json-lines/event-line.ts'
import { encodeFooterLine, encodeHeaderLine } from '../../src/json-lines/frame-lines.ts'
import { readLogLines } from '../../src/json-lines/read-log-lines.ts'
import { collect } from '../contract/assertions.ts'
import type { AnyJob } from '../contract/harness.ts'

const test = suite('the golden log of format 1')

/** Written by the first release. It never changes: a log that was exported once can be read for ever. */
const GOLDEN = fileURLToPath(new URL('../golden/log-v1.jsonl', import.meta.url))

/** Each type of event, one of a newer program, and each mark. */
const EVENTS: JobEvent<AnyJob>[] = [
  {
    id: '1700000000000-0',
    cursor: '',
    type: 'created',
    jobId: 'job-1',
    userId: 'ann',
    version: 1,
    previous: null,
    at: new Date('2023-11-14T22:13:20.000Z'),
    data: {
      id: 'job-1',
      userId: 'ann',
      status: 'pending',
      videoUrl: 'https://example.com/in.mp4',
      videoId: 'v-1',
      options: { codec: 'h264', sizes: [360, 720], isDraft: false, note: null },
      videoMetadata: { title: 'Ünïcode “quotes” 日本語 😀\n' },
      progress: { percent: 0 },
      retryCount: 0,
      maxRetries: 3,
      webhook: { url: 'https://example.com/hook', events: ['completed'] },
      createdAt: new Date('2023-11-14T22:13:19.999Z'),
      expiresAt: new Date('2023-11-15T22:13:19.999Z'),
    },
    removed: [],
    meta: { actor: 'ann', reason: 'upload', correlationId: 'c-1' },
  },
  {
    id: '1700000000001-0',
    cursor: '',
    type: 'statusChanged',
    jobId: 'job-1',
    userId: 'ann',
    version: 2,
    previous: '1700000000000-0',
    at: new Date('2023-11-14T22:13:20.001Z'),
    data: { status: 'processing', startedAt: new Date('2023-11-14T22:13:20.001Z') },
    removed: [],
    meta: null,
  },
  {
    id: '1700000000002-0',
    cursor: '',
    type: 'progressed',
    jobId: 'job-1',
    userId: 'ann',
    version: 3,
    previous: '1700000000001-0',
    at: new Date('2023-11-14T22:13:20.002Z'),
    data: { progress: { percent: 99.5, stage: 'encode', message: 'nearly' } },
    removed: [],
    meta: null,
  },
  {
    id: '1700000000003-0',
    cursor: '',
    type: 'snapshotted',
    jobId: 'job-2',
    userId: 'bob',
    version: 41,
    previous: '1600000000000-0',
    at: new Date('2023-11-14T22:13:20.003Z'),
    data: {
      id: 'job-2',
      userId: 'bob',
      status: 'an own status',
      progress: { percent: 1e-7 },
      retryCount: 1,
      maxRetries: 1,
      error: { code: 'E', message: 'no', retryable: true, details: { line: 3 } },
      createdAt: new Date('1970-01-01T00:00:00.000Z'),
      queuedAt: new Date('-271821-04-20T00:00:00.000Z'),
      expiresAt: new Date('+275760-09-13T00:00:00.000Z'),
    },
    removed: [],
    meta: null,
  },
  {
    id: '1700000000003-1',
    cursor: '',
    type: 'updated',
    jobId: 'job-1',
    userId: 'cleo',
    version: 4,
    previous: '1700000000002-0',
    at: new Date('2023-11-14T22:13:20.003Z'),
    data: {
      userId: 'cleo',
      result: [
        new Date('2024-02-29T12:00:00.500Z'),
        Buffer.from([0, 255, 128]),
        Buffer.alloc(0),
        18_446_744_073_709_551_615n,
        -9_223_372_036_854_775_808n,
        Number.NaN,
        Infinity,
        -Infinity,
        -0,
        0.1,
        1e21,
        '',
        { $date: 'a name of the user', $$date: { $number: 'too' }, $: [new Date(0)] },
        {},
        [],
      ],
      'a name: "strange"\u0000': true,
    },
    removed: ['webhook', '$own', 'constructor'],
    meta: { $bigint: '5', at: new Date('2024-01-01T00:00:00.000Z'), bytes: Buffer.from('text'), count: 7n },
  },
  {
    id: '1700000000004-0',
    cursor: '',
    type: 'expired',
    jobId: 'job-2',
    userId: 'bob',
    version: 42,
    previous: '1700000000003-0',
    at: new Date('2023-11-14T22:13:20.004Z'),
    data: {},
    removed: [],
    meta: null,
  },
  {
    id: '1700000000005-0',
    cursor: '',
    type: 'paused' as JobEvent['type'],
    jobId: 'job-1',
    userId: 'cleo',
    version: 5,
    previous: '1700000000003-1',
    at: new Date('2023-11-14T22:13:20.005Z'),
    data: { pausedBy: 'a newer program' },
    removed: [],
    meta: null,
  },
  {
    id: '1700000000006-0',
    cursor: '',
    type: 'deleted',
    jobId: 'job-1',
    userId: 'cleo',
    version: 6,
    previous: '1700000000005-0',
    at: new Date('2023-11-14T22:13:20.006Z'),
    data: {},
    removed: [],
    meta: { reason: 'tidy' },
  },
]

test('is read as what it was', async () => {
  assert.deepStrictEqual(await collect(readLogLines<AnyJob>(createReadStream(GOLDEN))), EVENTS)
})

test('is written in the same bytes again', async () => {
  const events = await collect(readLogLines<AnyJob>(createReadStream(GOLDEN)))
  const lines = [encodeHeaderLine(), ...events.map((event) => encodeEventLine(event)), encodeFooterLine(events.length)]
  assert.equal(lines.map((line) => `${line}\n`).join(''), readFileSync(GOLDEN, 'utf8'))
})

test('holds every type of event and every mark', () => {
  const text = readFileSync(GOLDEN, 'utf8')
  const types = ['created', 'updated', 'statusChanged', 'progressed', 'deleted', 'expired', 'snapshotted']
  for (const type of types) assert.ok(text.includes(`"type":"${type}"`), type)
  for (const mark of ['$date', '$bytes', '$bigint', '$number']) assert.ok(text.includes(`{"${mark}":"`), mark)
  assert.ok(text.includes('{"$$date":'))
})

test.run()
