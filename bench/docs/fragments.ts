import type { Verb } from '../contenders/contender.ts'
import { VERBS } from '../contenders/contender.ts'
import { FLOORS, PEERS, SQLITE_FLOOR } from '../contenders/kinds.ts'
import { at, medianOf, OURS, ratioBetween } from '../compare/report-compare.ts'
import { formatEnvironment } from '../environment.ts'
import { growthCharts, loadCharts, type Chart } from './charts.ts'
import { growthTables, slowLine } from '../growth/report-growth.ts'
import { formatLive } from '../live/report-live.ts'
import { short, whole } from '../numbers.ts'
import { processesTable } from '../processes/report-processes.ts'
import type { BenchResult } from '../result.ts'
import { sizeTables } from '../size/report-size.ts'
import { perSecond, spreadOf } from '../statistics.ts'
import { markdownOf, type Table } from '../table.ts'
import { targetsTable } from '../targets.ts'
import { formatUpkeep, formatWalks } from '../upkeep/report-upkeep.ts'

/** Folder of the charts, as the documents beside it name it. */
export const CHARTS = 'charts'

const OWN = ['jobledger memory', 'jobledger sqlite', OURS]

/** What a result has to say in the documents, by the name of the place; null where it was not measured. */
export const FRAGMENTS: Record<string, (result: BenchResult) => string | null> = {
  environment: (result) => `\`\`\`text\n${formatEnvironment(result.environment)}\n\`\`\``,
  targets: (result) => markdownOf(targetsTable(result)),
  ratios: ifMeasured('measurements', (result) => markdownOf(ratiosTable(result))),
  rates: ifMeasured('measurements', (result) => withSource('--compare', result, markdownOf(ratesTable(result, 256)))),
  alone: ifMeasured('measurements', (result) => withSource('--compare', result, markdownOf(ratesTable(result, 1)))),
  times: ifMeasured('measurements', (result) => withSource('--compare', result, markdownOf(timesTable(result)))),
  load: ifMeasured('load', (result) => withSource('--load', result, images(loadCharts(result.load)))),
  size: ifMeasured('size', (result) => withSource('--size', result, sections(sizeTables(result.size)))),
  processes: ifMeasured('processes', (result) =>
    withSource('--processes', result, markdownOf(processesTable(result.processes))),
  ),
  growth: ifMeasured('growth', (result) => withSource('--growth', result, growthText(result))),
  upkeep: ({ upkeep }) => (upkeep === null ? null : `\`\`\`text\n${formatUpkeep(upkeep)}\n\`\`\``),
  live: ({ live }) => (live === null ? null : `\`\`\`text\n${formatLive(live)}\n\`\`\``),
}

function ifMeasured(
  section: 'measurements' | 'load' | 'size' | 'processes' | 'growth',
  write: (result: BenchResult) => string,
): (result: BenchResult) => string | null {
  return (result) => (result[section].length === 0 ? null : write(result))
}

function withSource(flag: string, { environment }: BenchResult, text: string): string {
  const { date, options } = environment
  const { rounds, durationMs } = options.pace
  const source = `\`npm run bench -- ${flag}\`, ${date.slice(0, 10)}, medians of ${rounds} rounds of ${durationMs} ms`
  return `${text}\n\n_${source}._`
}

function sections(tables: readonly Table[]): string {
  return tables.map((table) => `${table.title}:\n\n${markdownOf(table)}`).join('\n\n')
}

/** Ours on Redis against each other program, for the README. */
function ratiosTable({ measurements }: BenchResult): Table {
  const others = [...PEERS.toReversed(), 'ioredis SET']
  const names: Partial<Record<Verb, string>> = {
    updateProgress: '`updateProgress`, which gives back the job',
    create: '`create`',
    findById: '`findById` of a job that the instance saw before',
    findByIdCold: '`findById` of one that it never saw',
    findByUserId: '`findByUserId`, 20 of 1,000 jobs',
  }
  return {
    title: 'Calls a second, × those of others',
    head: ['', ...others],
    rows: (Object.keys(names) as Verb[]).map((verb) => [
      names[verb] as string,
      ...others.map((other) => {
        const ratio = ratioBetween(at(measurements, verb, 256), OURS, other)
        return ratio === null ? '–' : `${short(ratio.median)} × (${short(ratio.min)}–${short(ratio.max)})`
      }),
    ]),
  }
}

function ratesTable({ measurements }: BenchResult, inFlight: number): Table {
  const contenders = [...OWN, SQLITE_FLOOR, ...PEERS, ...FLOORS].filter((name) =>
    measurements.some((each) => each.contender === name && each.inFlight === inFlight),
  )
  const verbs = VERBS.filter((verb) => at(measurements, verb, inFlight).length > 0)
  return {
    title: `Calls a second, ${inFlight} in flight`,
    head: ['', ...verbs.map((verb) => `\`${verb}\``)],
    rows: contenders.map((name) => [
      name,
      ...verbs.map((verb) => {
        const found = at(measurements, verb, inFlight).find(({ contender }) => contender === name)
        return found === undefined ? '–' : whole(spreadOf(found.rounds.map(perSecond)).median)
      }),
    ]),
  }
}

/** Where the time of a call goes, in ours on Redis. */
function timesTable({ measurements }: BenchResult): Table {
  const ours = measurements.filter(({ contender, inFlight }) => contender === OURS && inFlight === 256)
  return {
    title: 'Microseconds a call, 256 in flight',
    head: ['', 'CPU of the client', 'CPU of redis-server', 'time in scripts, by the clock'],
    rows: ours.map(({ verb, rounds }) => [
      `\`${verb}\``,
      ...(['clientUs', 'serverUs', 'commandUs'] as const).map((field) => short(medianOf(rounds, field))),
    ]),
  }
}

function growthText({ growth }: BenchResult): string {
  return growth
    .map((measurement) => {
      const { backend, rows, slow, walks } = measurement
      return [
        sections(growthTables(backend, rows)),
        images(growthCharts(measurement)),
        ...(slow === null ? [] : [slowLine(slow)]),
        ...(walks.length === 0 ? [] : [`\`\`\`text\n${walks.map((walk) => formatWalks([walk])).join('\n')}\n\`\`\``]),
      ].join('\n\n')
    })
    .join('\n\n')
}

function images(charts: readonly Chart[]): string {
  return charts.map(({ title, file }) => `![${title}](${CHARTS}/${file})`).join('\n')
}
