import * as assert from 'node:assert/strict'
import { Readable } from 'node:stream'

import { InvalidLogError } from '../../../src/core/errors.ts'
import { encodeEventLine } from '../../../src/json-lines/event-line.ts'
import { encodeFooterLine, encodeHeaderLine } from '../../../src/json-lines/frame-lines.ts'
import { readLogLines } from '../../../src/json-lines/read-log-lines.ts'
import type { JobEvent } from '../../../src/core/event.ts'
import type { AnyJob } from '../../contract/harness.ts'
import { collect } from '../../contract/assertions.ts'

/** A change of job-1 that is like no other: `updated` with its number. */
export function anUpdate(version: number, fields: Partial<JobEvent<AnyJob>> = {}): JobEvent<AnyJob> {
  return {
    id: String(version),
    cursor: '',
    type: 'updated',
    jobId: 'job-1',
    userId: 'user-1',
    version,
    previous: version === 1 ? null : String(version - 1),
    at: new Date(1_700_000_000_000 + version),
    data: { number: version },
    removed: [],
    meta: null,
    ...fields,
  }
}

/** The lines of a log of these events. */
export function logOf(events: JobEvent<AnyJob>[]): string[] {
  return [encodeHeaderLine(), ...events.map((event) => encodeEventLine(event)), encodeFooterLine(events.length)]
}

/** Reads a log of these lines. */
export function read(lines: string[]): Promise<JobEvent<AnyJob>[]> {
  return collect(readLogLines<AnyJob>(Readable.from(lines)))
}

/** A log of these lines is refused, at this line and field. */
export async function assertRefusedAt(lines: string[], line: number, field: string): Promise<void> {
  const error: unknown = await read(lines).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof InvalidLogError, String(error))
  assert.deepEqual([error.line, error.field], [line, field], error.message)
}
