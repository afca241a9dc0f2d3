import { Redis } from 'ioredis'

import type { JobStore } from '../src/index.ts'
import { compare, measureLoad, type Measurement } from './compare/measure-compare.ts'
import { verbTable } from './compare/report-compare.ts'
import { measureGrowth, nameOf, sizesAt } from './growth/measure-growth.ts'
import { growthTables, slowLine } from './growth/report-growth.ts'
import { readSlowCalls, watchSlowCalls } from './growth/slow-calls.ts'
import { measureLive } from './live/measure-live.ts'
import { formatLive } from './live/report-live.ts'
import type { BackendName } from './contenders/kinds.ts'
import type { BenchOptions, Section } from './options.ts'
import { measureProcesses } from './processes/measure-processes.ts'
import { processesTable } from './processes/report-processes.ts'
import type { BenchResult } from './result.ts'
import { measureSize } from './size/measure-size.ts'
import { traceRecords, videoRecords } from './size/records.ts'
import { sizeTables } from './size/report-size.ts'
import { bullMqSubject, ownSubject, plainSubject, type SizeSubject } from './size/subjects.ts'
import type { Stage } from './stage.ts'
import { textOf } from './table.ts'
import { measureUpkeep } from './upkeep/measure-upkeep.ts'
import { formatUpkeep, formatWalks } from './upkeep/report-upkeep.ts'
import { walkBoth } from './upkeep/walks.ts'

type Measure = (stage: Stage, options: BenchOptions, result: BenchResult) => Promise<void>

/** Measures a section, prints it, and puts it into the result. */
export const MEASURE: Record<Section, Measure> = {
  compare: async (stage, options, result) => {
    result.measurements = await compare(stage, options, printVerb)
  },
  size: measureSizes,
  load: async (stage, options, result) => {
    result.load = await measureLoad(stage, options, printVerb)
  },
  processes: async (stage, { pace }, result) => {
    result.processes = await measureProcesses(stage, pace)
    print(textOf(processesTable(result.processes)))
  },
  growth: async (stage, options, result) => {
    // Elsewhere than on Redis only if asked for: a million jobs take their time.
    const backends = options.backends.length === 3 ? (['redis'] as const) : options.backends
    for (const backend of backends) await grow(backend, stage, options, result)
  },
  upkeep: async (stage, { pace, scale }, result) => {
    const prefix = 'upkeep'
    const open = (): JobStore => stage.openStore('redis', prefix)
    const { rounds, durationMs } = pace
    const jobs = Math.ceil(UPKEEP_JOBS * scale)
    result.upkeep = await measureUpkeep({ url: stage.url, prefix, open, jobs, rounds, durationMs: durationMs * 5 })
    print(formatUpkeep(result.upkeep))
  },
  live: async (stage, { pace }, result) => {
    const open = (name: string): JobStore => stage.openStore('redis', name)
    const { rounds, durationMs } = pace
    const built = stage.built.main
    result.live = await measureLive({ url: stage.url, built, open, rounds, durationMs: durationMs * 3 })
    print(formatLive(result.live))
  },
}

const UPKEEP_JOBS = 200_000
/** Jobs whose bytes are counted: 10,000 with --quick. Of fewer, what the server's tables have in reserve says too much. */
const MOST_SIZE_JOBS = 30_000
const SIZE_JOBS = 500_000

async function measureSizes(stage: Stage, { scale, input }: BenchOptions, result: BenchResult): Promise<void> {
  const jobs = Math.min(MOST_SIZE_JOBS, Math.ceil(SIZE_JOBS * scale))
  const records = [videoRecords(jobs), ...(input === null ? [] : [traceRecords(input, jobs)])]
  const subjects: (() => SizeSubject)[] = [
    () => ownSubject(stage.openStore('redis', 'jobs')),
    () => plainSubject(stage.url),
    () => bullMqSubject(stage.url),
  ]
  for (const each of records)
    for (const makeSubject of subjects) result.size.push(await measureSize(stage.url, makeSubject(), each))
  for (const table of sizeTables(result.size)) print(textOf(table))
}

async function grow(backend: BackendName, stage: Stage, options: BenchOptions, result: BenchResult): Promise<void> {
  const sizes = sizesAt(options.scale)
  const pace = { ...options.pace, durationMs: options.pace.durationMs / 2, settleMs: options.pace.settleMs / 2 }
  const open = (name: string): JobStore => stage.openStore(backend, name)
  const redis = new Redis(stage.url)
  await watchSlowCalls(redis)
  const rows = await measureGrowth({ open, inFlight: options.inFlight ?? [256, 1], pace, sizes }, () => {})
  const slow = backend === 'redis' ? await readSlowCalls(redis) : null
  await redis.quit()
  for (const table of growthTables(backend, rows)) print(textOf(table))
  const walks = backend === 'redis' ? await walkBoth(stage.url, nameOf(sizes.at(-1) ?? 0)) : []
  result.growth.push({ backend, rows, slow, walks })
  if (slow !== null) print([slowLine(slow), ...walks.map((walk) => formatWalks([walk]))].join('\n'))
}

function printVerb(measurements: readonly Measurement[]): void {
  print(textOf(verbTable(measurements)))
}

function print(text: string): void {
  console.log(`${text}\n`)
}
