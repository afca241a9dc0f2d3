import { isDeepStrictEqual } from 'node:util'

import type { JobCore, JobFields } from '../../core/job.ts'
import type { Table } from '../terminal/table.ts'
import { describeValue } from './describe.ts'

/** What a person looks for first. */
const FIRST_FIELDS = ['id', 'userId', 'status', 'progress']

/** A job at two moments, field by field; null where there was none. @param longest columns of a value */
export function comparisonOf(
  then: { title: string; job: JobCore | null },
  now: { title: string; job: JobCore | null },
  longest?: number,
): Table {
  const one = (then.job ?? {}) as unknown as JobFields
  const other = (now.job ?? {}) as unknown as JobFields
  const fields = [...new Set([...FIRST_FIELDS, ...Object.keys(one), ...Object.keys(other)])]
  const isSame = (field: string): boolean => isDeepStrictEqual(one[field], other[field])
  return {
    columns: [{ title: 'field' }, { title: then.title }, { title: '' }, { title: now.title }],
    rows: fields.map((field) => [
      field,
      describeValue(field, one[field], { longest }),
      isSame(field) ? '' : '≠',
      describeValue(field, other[field], { longest }),
    ]),
    paint: (row) => (isSame(fields[row] ?? '') ? 'dim' : null),
  }
}
