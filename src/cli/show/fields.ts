import type { JobCore, JobFields } from '../../core/job.ts'
import { jsonOf } from '../terminal/json.ts'
import type { Table } from '../terminal/table.ts'
import { dateTime } from '../terminal/text.ts'
import { withoutSecret } from './describe.ts'

/** What a person looks for first. */
const FIRST_FIELDS = ['id', 'userId', 'status', 'progress']

/** A job field by field, each value whole. */
export function fieldsOf(job: JobCore): Table {
  const fields = job as unknown as JobFields
  const names = [...new Set([...FIRST_FIELDS, ...Object.keys(fields)])]
  return {
    columns: [{ title: 'field' }, { title: 'value' }],
    rows: names.map((name) => [name, wholeValue(name, fields[name])]),
  }
}

function wholeValue(field: string, value: unknown): string {
  if (value === undefined) return '–'
  if (value instanceof Date) return dateTime(value)
  return typeof value === 'string' ? value : jsonOf(withoutSecret(field, value))
}
