import { InvalidJobError } from '../core/errors.ts'
import { STAMP_FIELDS, type JobFields } from '../core/job.ts'
import { readDate, setField } from './check-job.ts'

/** How the outlines store a field; what is none of them is the user's own. */
const KINDS: ReadonlyMap<string, 'text' | 'count' | 'date' | 'json'> = new Map([
  ...fieldsOf('text', 'id', 'userId', 'status', 'videoUrl', 'videoId'),
  ...fieldsOf('count', 'retryCount', 'maxRetries'),
  ...fieldsOf('date', 'createdAt', 'expiresAt', ...STAMP_FIELDS),
  ...fieldsOf('json', 'options', 'videoMetadata', 'progress', 'result', 'error', 'webhook'),
])

function fieldsOf<const K extends string>(kind: K, ...names: string[]): [name: string, kind: K][] {
  return names.map((name) => [name, kind])
}

/**
 * Reads the fields of a job from a hash or a row as the outlines store them: ISO dates, JSON for objects, the rest plain.
 * People wrote that part themselves, so more is understood: each text in JSON's quotes, numbers as text, and an empty
 * text, "null" or "undefined" where there is no value. Own fields are JSON if they are an object or an array, else what
 * they are. retryCount and maxRetries default to 0 and 3, as in the outline's table.
 * @throws InvalidJobError naming the field
 */
export function readTextFields(stored: Iterable<readonly [field: string, value: unknown]>): JobFields {
  const entries = [...stored]
  // No status begins with a quote: one that does tells that the texts beside it are in quotes too.
  const isQuoted = entries.some(([field, value]) => field === 'status' && unquote(value) !== value)
  const fields: JobFields = { retryCount: 0, maxRetries: 3 }
  for (const [field, given] of entries) {
    const value = readValue(field, given, isQuoted)
    if (value !== undefined) setField(fields, field, value)
  }
  return fields
}

function readValue(field: string, value: unknown, isQuoted: boolean): unknown {
  if (value === null) return undefined
  const kind = KINDS.get(field)
  if (kind === undefined) return typeof value === 'string' ? readOwn(value, isQuoted) : value
  if (kind === 'text') return isQuoted ? unquote(value) : value
  if (value === '' || value === 'null' || value === 'undefined') return undefined
  switch (kind) {
    case 'count':
      return readCount(unquote(value))
    case 'date':
      return readDate(field, unquote(value))
    case 'json':
      return typeof value === 'string' ? readJson(field, value, isQuoted) : value
  }
}

/** What is no whole number stays as it is, for the job's check to refuse. */
function readCount(value: unknown): unknown {
  return typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
}

function readJson(field: string, text: string, isQuoted: boolean): unknown {
  const value = parse(text)
  // Encoded twice, by a program that encodes every field.
  if (typeof value === 'string' && field !== 'result') return readJson(field, value, false)
  if (value !== undefined) return value
  // A result may be text, which a program that encodes only objects leaves plain.
  if (field === 'result' && !isQuoted && !/^\s*["[{]/.test(text)) return text
  // Its beginning only: a webhook holds a secret.
  throw InvalidJobError.of(field, 'JSON', `${text.slice(0, 16)}… (${text.length} characters)`)
}

function readOwn(text: string, isQuoted: boolean): unknown {
  return isQuoted || /^\s*[[{]/.test(text) ? (parse(text) ?? text) : text
}

/** Text out of its JSON quotes; anything else as it is. */
function unquote(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('"')) return value
  const text = parse(value)
  return typeof text === 'string' ? text : value
}

/** undefined if it is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
