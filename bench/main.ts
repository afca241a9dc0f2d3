/**
 * The benchmark: `npm run bench`, with --quick in under 2 minutes; --help names all options. Every contender does the
 * same calls on the same records, on the same redis-server where it has one, in rounds that take turns.
 */
import type { JobStore } from '../src/index.ts'
import type { RemoteContender } from './contenders/remote.ts'
import { loadBuilt } from './build.ts'
import { measureCluster } from './cluster/measure-cluster.ts'
import { formatCluster } from './cluster/report-cluster.ts'
import { describeEnvironment, formatEnvironment } from './environment.ts'
import { formatGrowth } from './growth-report.ts'
import { type GrowthMeasurement, measureHistoryGrowth, measureListGrowth } from './growth.ts'
import { measureLive, type LiveMeasurement } from './live/measure-live.ts'
import { formatLive } from './live/report-live.ts'
import { type Measurement, measureVerb } from './compare.ts'
import { type BenchOptions, readOptions, USAGE } from './options.ts'
import { formatVerb, writeJson } from './report.ts'
import { Stage } from './stage.ts'
import { formatTargets } from './targets.ts'
import { formatUpkeep } from './upkeep-report.ts'
import { measureUpkeep, type UpkeepMeasurement } from './upkeep.ts'

if (process.argv.includes('--help')) console.log(USAGE)
else
  await (process.argv.includes('--cluster') ? compareCluster() : run()).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })

async function compareCluster(): Promise<void> {
  const { pace } = readOptions(process.argv.slice(2))
  console.log(formatCluster(await measureCluster(await loadBuilt(), pace)))
}

async function run(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  await using stage = await Stage.open(options.fsync)
  const environment = describeEnvironment(options, stage.redisVersion)
  console.log(`${formatEnvironment(environment)}\n`)
  const isComparing = !options.growth && !options.live && options.upkeepJobs === null
  const measurements = isComparing ? await compare(stage, options) : []
  const growth = options.growth ? await grow(stage, options) : []
  const upkeep = options.upkeepJobs === null ? null : await keepUp(stage, options.upkeepJobs, options)
  const live = options.live ? await follow(stage, options) : null
  const file = writeJson({ format: 1, environment, measurements, growth, upkeep, live }, options.json)
  console.log(`All rounds: ${file}`)
}

async function compare(stage: Stage, options: BenchOptions): Promise<Measurement[]> {
  const contenders = await stage.contenders(options)
  try {
    for (const contender of contenders) await contender.fill()
    return await measureAll(contenders, options)
  } finally {
    await Promise.all(contenders.map((contender) => contender.close()))
  }
}

async function measureAll(contenders: RemoteContender[], options: BenchOptions): Promise<Measurement[]> {
  const all: Measurement[] = []
  for (const verb of options.verbs)
    for (const inFlight of options.inFlight) {
      const measurements = await measureVerb(verb, contenders, inFlight, options.pace)
      console.log(`${formatVerb(measurements)}\n`)
      all.push(...measurements)
    }
  const targets = formatTargets(all)
  if (targets !== '') console.log(`${targets}\n`)
  return all
}

async function keepUp(stage: Stage, jobs: number, { pace }: BenchOptions): Promise<UpkeepMeasurement> {
  const prefix = 'upkeep'
  const open = (): JobStore => stage.openStore('redis', prefix)
  const durationMs = pace.durationMs * 5
  const measurement = await measureUpkeep({ url: stage.url, prefix, open, jobs, rounds: pace.rounds, durationMs })
  console.log(`${formatUpkeep(measurement)}\n`)
  return measurement
}

async function follow(stage: Stage, { pace }: BenchOptions): Promise<LiveMeasurement> {
  const measurement = await measureLive({
    url: stage.url,
    built: stage.built.main,
    open: (name) => stage.openStore('redis', name),
    rounds: pace.rounds,
    durationMs: pace.durationMs * 3,
  })
  console.log(`${formatLive(measurement)}\n`)
  return measurement
}

async function grow(stage: Stage, options: BenchOptions): Promise<GrowthMeasurement[]> {
  const all: GrowthMeasurement[] = []
  for (const backend of options.backends)
    for (const measure of [measureListGrowth, measureHistoryGrowth]) {
      const measurements = await measure({
        backend: `jobledger ${backend}`,
        open: (name) => stage.openStore(backend, `growth-${name}`),
        inFlight: options.inFlight,
        pace: options.pace,
        scale: options.growthScale,
      })
      console.log(`${formatGrowth(measurements)}\n`)
      all.push(...measurements)
    }
  return all
}
