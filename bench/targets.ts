import { at, medianOf, OURS, ratioBetween } from './compare/report-compare.ts'
import type { Verb } from './contenders/contender.ts'
import { SQLITE_FLOOR } from './contenders/kinds.ts'
import { groupBy } from './group-by.ts'
import { growthOf } from './growth/report-growth.ts'
import { short, whole } from './numbers.ts'
import { againstOne } from './processes/report-processes.ts'
import type { BenchResult } from './result.ts'
import { perSecond, spreadOf } from './statistics.ts'
import type { Table } from './table.ts'

/** What the store is to reach. With 256 calls in flight, unless the name says otherwise. */
interface Target {
  name: string
  /** One of these; neither for what is only shown. */
  atLeast?: number
  atMost?: number
  unit: '×' | 'µs' | 'bytes' | '/s' | 'calls'
  /** null: not measured. */
  value: (result: BenchResult) => number | null
}

export const TARGETS: readonly Target[] = [
  beside('updateProgress', 'BullMQ', "BullMQ's updateProgress", 1.5),
  beside('updateProgress', 'ioredis SET', 'ioredis SET', 1.1),
  beside('create', 'BullMQ', "BullMQ's add", 1.5),
  { name: "create / bee-queue's save", unit: '×', value: ratio('create', 'bee-queue') },
  { name: 'create / ioredis SET of the whole job', unit: '×', value: ratio('create', 'ioredis SET') },
  { name: 'server time of an update', atMost: 5, unit: 'µs', value: serverTime('updateProgress') },
  { name: 'server time of a create', atMost: 12, unit: 'µs', value: serverTime('create') },
  beside('updateProgress', 'same calls by redis-cli', 'the same calls sent by redis-cli', 0.8),
  beside('create', 'same calls by redis-cli', 'the same calls sent by redis-cli', 0.8),
  beside('findById', 'plain ioredis', 'HGETALL one by one with decode, jobs seen before', 2),
  beside('findByIdCold', 'plain ioredis', 'HGETALL one by one with decode, jobs never seen', 1.3),
  alone('updateProgress'),
  alone('findById'),
  beside('findByUserId', 'plain ioredis', "the requirements' way, 20 of 1,000 jobs", 200),
  grown('findByUserId', 'p50', 'of a user with 500,000 jobs / 1,000', 1.2, true),
  grown('countByStatus', 'p50', 'at 1,000,000 jobs / 2,000', 1.2, true),
  grown('countByUserId', 'p50', 'at 1,000,000 jobs / 2,000', 1.2, true),
  { name: 'p99 at 1,000,000 jobs / 10,000, worst verb', atMost: 1.5, unit: '×', value: worstGrowth },
  { name: 'calls in SLOWLOG at 5 ms', atMost: 0, unit: 'calls', value: slowCalls },
  { name: "a job with its created event / BullMQ's job", atMost: 0.8, unit: '×', value: jobSize },
  { name: 'a progress event, its part in the hash included', atMost: 110, unit: 'bytes', value: progressSize },
  { name: 'rebuild, events', atLeast: 80_000, unit: '/s', value: rebuildRate },
  besideLoop('updateProgress'),
  besideLoop('create'),
  { name: 'memory: updateProgress', atLeast: 300_000, unit: '/s', value: memoryRate },
  spreadOut('2 client processes', 2, 1),
  spreadOut('4 client processes', 4, 1),
  spreadOut('16 partitions', 1, 16),
]

/** A line a target: by name, what is wanted, what it is, and whether that is reached. */
export function targetsTable(result: BenchResult): Table {
  return {
    title: 'To reach, 256 in flight unless said',
    head: ['', 'wanted', 'is', ''],
    rows: TARGETS.map((target) => {
      const value = target.value(result)
      return [target.name, wantedOf(target), value === null ? '–' : show(value, target.unit), verdictOn(target, value)]
    }),
  }
}

export function verdictOn({ atLeast = -Infinity, atMost = Infinity }: Target, value: number | null): string {
  if (value === null) return 'not measured'
  if (atLeast === -Infinity && atMost === Infinity) return 'shown'
  return value >= atLeast && value <= atMost ? 'reached' : 'MISSED'
}

function wantedOf({ atLeast, atMost, unit }: Target): string {
  if (atLeast !== undefined) return `at least ${show(atLeast, unit)}`
  return atMost === undefined ? '' : `at most ${show(atMost, unit)}`
}

function show(value: number, unit: Target['unit']): string {
  return unit === 'calls' ? String(value) : `${unit === '/s' ? whole(value) : short(value)} ${unit}`
}

function beside(verb: Verb, peer: string, theirs: string, atLeast: number): Target {
  return { name: `${verb} / ${theirs}`, atLeast, unit: '×', value: ratio(verb, peer) }
}

function ratio(verb: Verb, peer: string): Target['value'] {
  return ({ measurements }) => ratioBetween(at(measurements, verb, 256), OURS, peer)?.median ?? null
}

function alone(verb: Verb): Target {
  return {
    name: `${verb} alone, its time / that of one EVALSHA`,
    atMost: 1.25,
    unit: '×',
    value: ({ measurements }) => ratioBetween(at(measurements, verb, 1), 'ioredis EVALSHA', OURS)?.median ?? null,
  }
}

function serverTime(verb: Verb): Target['value'] {
  return ({ measurements }) => {
    const ours = at(measurements, verb, 256).find(({ contender }) => contender === OURS)
    return ours === undefined ? null : medianOf(ours.rounds, 'commandUs')
  }
}

function besideLoop(verb: Verb): Target {
  return {
    name: `SQLite: ${verb} / a loop by hand on better-sqlite3, 128 a transaction`,
    atLeast: 0.8,
    unit: '×',
    value: ({ measurements }) =>
      ratioBetween(at(measurements, verb, 256), 'jobledger sqlite', SQLITE_FLOOR)?.median ?? null,
  }
}

function memoryRate({ measurements }: BenchResult): number | null {
  const ours = at(measurements, 'updateProgress', 256).find(({ contender }) => contender === 'jobledger memory')
  return ours === undefined ? null : spreadOf(ours.rounds.map(perSecond)).median
}

function grown(verb: string, field: 'p50' | 'p99', what: string, atMost: number, isFromSmallest: boolean): Target {
  return {
    name: `${verb} ${what}`,
    atMost,
    unit: '×',
    value: ({ growth }) => {
      const rows = rowsOnRedis(growth).filter((row) => row.verb === verb)
      return rows.length === 0 ? null : growthOf(rows, field, isFromSmallest ? rows[0]?.jobs : undefined)
    },
  }
}

function worstGrowth({ growth }: BenchResult): number | null {
  const byVerb = groupBy(rowsOnRedis(growth), ({ verb }) => verb)
  return byVerb.size === 0 ? null : Math.max(...[...byVerb.values()].map((rows) => growthOf(rows, 'p99')))
}

function rowsOnRedis(growth: BenchResult['growth']): BenchResult['growth'][number]['rows'] {
  const rows = growth.find(({ backend }) => backend === 'redis')?.rows ?? []
  return rows.filter(({ inFlight }) => inFlight === rows[0]?.inFlight)
}

function slowCalls({ growth }: BenchResult): number | null {
  return growth.find(({ backend }) => backend === 'redis')?.slow?.length ?? null
}

function jobSize({ size }: BenchResult): number | null {
  const [ours, theirs] = [OURS, 'BullMQ'].map((name) => size.find(({ subject }) => subject === name))
  return ours === undefined || theirs === undefined ? null : ours.createdBytes / theirs.createdBytes
}

function progressSize({ size }: BenchResult): number | null {
  return size.find(({ subject }) => subject === OURS)?.progressBytes ?? null
}

/** Of the largest log that was rebuilt. */
function rebuildRate({ growth, upkeep }: BenchResult): number | null {
  const walks = [...growth.flatMap((measurement) => measurement.walks), ...(upkeep?.walks ?? [])]
  const rebuilds = walks.filter(({ verb }) => verb === 'rebuild')
  const most = Math.max(...rebuilds.map(({ events }) => events))
  const rates = rebuilds.filter(({ events }) => events === most).map(({ events, seconds }) => events / seconds)
  return rates.length === 0 ? null : spreadOf(rates).median
}

function spreadOut(what: string, processes: number, partitions: number): Target {
  return {
    name: `${what} / one, worse verb`,
    atLeast: 0.85,
    unit: '×',
    value: ({ processes: rows }) => {
      const ratios = rows
        .filter((row) => row.kind === 'redis' && row.processes === processes && row.partitions === partitions)
        .map((row) => againstOne(rows, row)?.median ?? Number.NaN)
      return ratios.length === 0 ? null : Math.min(...ratios)
    },
  }
}
