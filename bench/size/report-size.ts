import { groupBy } from '../group-by.ts'
import { short, whole } from '../numbers.ts'
import type { Table } from '../table.ts'
import { PROGRESS_EVENTS, type SubjectSize } from './measure-size.ts'

/** Bytes a job and an event, and by kind of key. */
export function sizeTables(sizes: readonly SubjectSize[]): Table[] {
  return [...groupBy(sizes, ({ records }) => records)].flatMap(([records, subjects]) => [
    totalsTable(records, subjects),
    ...subjects.filter(({ subject }) => subject === 'jobledger redis').map(kindsTable),
  ])
}

function totalsTable(records: string, subjects: readonly SubjectSize[]): Table {
  return {
    title: `Bytes of used_memory, ${whole(subjects[0]?.jobs ?? 0)} ${records}`,
    head: ['', 'a job, created', 'a progress event', `a job, after ${PROGRESS_EVENTS} of these and its end`],
    rows: subjects.map(({ subject, createdBytes, progressBytes, finishedBytes }) => [
      subject,
      whole(createdBytes),
      short(progressBytes),
      whole(finishedBytes),
    ]),
  }
}

function kindsTable({ records, jobs, created, finished }: SubjectSize): Table {
  const kinds = [...new Set([...Object.keys(created), ...Object.keys(finished)])]
  const bytesOf = (kind: string, from: SubjectSize['created']): number => (from[kind]?.bytes ?? 0) / jobs
  return {
    title: `Of that by kind of key (MEMORY USAGE), ${records}`,
    head: ['jobledger redis', 'keys', 'bytes a job, created', 'bytes a job, at its end'],
    rows: kinds
      .toSorted((left, right) => bytesOf(right, finished) - bytesOf(left, finished))
      .map((kind) => [
        kind,
        whole(finished[kind]?.keys ?? 0),
        bytesOf(kind, created).toFixed(1),
        bytesOf(kind, finished).toFixed(1),
      ]),
  }
}
