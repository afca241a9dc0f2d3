import { formatRatio, short, whole } from '../numbers.ts'
import { perSecond, ratioOf, spreadOf, type Spread } from '../statistics.ts'
import type { Table } from '../table.ts'
import type { ProcessesRow } from './measure-processes.ts'

/** A line a setting, each beside one process and one partition. */
export function processesTable(rows: readonly ProcessesRow[]): Table {
  return {
    title: 'Client processes and partitions on one Redis, 256 in flight of all together',
    head: ['', 'calls/s', 'client CPU, µs a call', 'against 1 process, 1 partition'],
    rows: rows.map((row) => {
      const ratio = againstOne(rows, row)
      return [
        `${subjectOf(row)}, ${counted(row.processes, 'process', 'processes')}${row.kind === 'redis' ? `, ${counted(row.partitions, 'partition', 'partitions')}` : ''}`,
        whole(spreadOf(row.rounds.map(perSecond)).median),
        short(spreadOf(row.rounds.map(({ clientUs }) => clientUs)).median),
        ratio === null ? '' : formatRatio(ratio),
      ]
    }),
  }
}

function subjectOf({ kind, verb }: ProcessesRow): string {
  if (kind === 'redis') return verb
  return verb === 'create' ? 'ioredis SET of the whole job' : 'ioredis SET of the progress'
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

/** One setting's calls a second against those of one process and one partition; null for that itself. */
export function againstOne(rows: readonly ProcessesRow[], row: ProcessesRow): Spread | null {
  const one = rows.find(
    ({ kind, verb, processes, partitions }) =>
      kind === row.kind && verb === row.verb && processes === 1 && partitions === 1,
  )
  return one === undefined || one === row ? null : ratioOf(row, one)
}
