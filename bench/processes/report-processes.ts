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
        `${row.verb}, ${row.processes} process${row.processes === 1 ? '' : 'es'}, ${row.partitions} partition${row.partitions === 1 ? '' : 's'}`,
        whole(spreadOf(row.rounds.map(perSecond)).median),
        short(spreadOf(row.rounds.map(({ clientUs }) => clientUs)).median),
        ratio === null ? '' : formatRatio(ratio),
      ]
    }),
  }
}

/** One setting's calls a second against those of one process and one partition; null for that itself. */
export function againstOne(rows: readonly ProcessesRow[], row: ProcessesRow): Spread | null {
  const one = rows.find(({ verb, processes, partitions }) => verb === row.verb && processes === 1 && partitions === 1)
  return one === undefined || one === row ? null : ratioOf(row, one)
}
