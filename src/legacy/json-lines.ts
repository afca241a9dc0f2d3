import { InvalidJobError } from '../core/errors.ts'
import { STAMP_FIELDS, type Job, type JobFields } from '../core/job.ts'
import { isPlainObject } from '../core/value.ts'
import { splitLines } from '../json-lines/lines.ts'
import { readAt, readDate, requireJob, setField, showId } from './check-job.ts'

const DATES: readonly string[] = ['createdAt', 'expiresAt', ...STAMP_FIELDS]

/** Where null means that there is no value; in a result it is one. */
const OPTIONAL: readonly string[] = ['error', 'webhook', 'videoMetadata', ...STAMP_FIELDS]

/**
 * The jobs of an in-memory store, dumped as JSON lines: each line JSON.stringify(job), or an entry `[id, job]` of its Map.
 * What JSON.stringify made of the job's own dates, ISO text, becomes Dates again.
 * @param lines lines, or chunks of a file, cut anywhere
 * @throws InvalidJobError naming the line and the job in its message and the field, at a line that is no whole job
 */
export async function* readLegacyJsonLines(lines: AsyncIterable<string | Uint8Array>): AsyncGenerator<Job> {
  for await (const { text, number } of splitLines(lines, refuseLine)) yield jobOf(text, number)
}

function refuseLine(line: number, expected: string, received: unknown): InvalidJobError {
  return InvalidJobError.of('job', expected, received, `Line ${line}`)
}

function jobOf(text: string, line: number): Job {
  const { id, job } = readAt(`Line ${line}`, () => parse(text))
  return readAt(`Line ${line}, job ${showId(id)}`, () => {
    const fields: JobFields = { id }
    for (const [field, value] of Object.entries(job)) {
      if (value === null && OPTIONAL.includes(field)) continue
      setField(fields, field, DATES.includes(field) ? readDate(field, value) : value)
    }
    if (fields['id'] !== id) throw InvalidJobError.of('id', `${showId(id)}, as the entry says`, fields['id'])
    return requireJob(fields)
  })
}

/** The job of a line, with the id that its entry or itself says. */
function parse(text: string): { id: unknown; job: JobFields } {
  const value = parseJson(text)
  const [id, job] = Array.isArray(value) && value.length === 2 ? (value as unknown[]) : [undefined, value]
  if (!isPlainObject(job)) throw InvalidJobError.of('job', 'an object, or an entry [id, job]', job)
  return { id: id ?? job['id'], job }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw InvalidJobError.of('job', 'JSON', `${text.slice(0, 16)}… (${text.length} characters)`)
  }
}
