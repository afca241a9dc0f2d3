/**
 * The benchmark: `npm run bench`, with --quick in under 2 minutes; --help names all options. Every contender does the
 * same calls on the same records, on the same redis-server where it has one, in rounds that take turns.
 */
import { loadBuilt, type Built } from './build.ts'
import { measureCluster } from './cluster/measure-cluster.ts'
import { formatCluster } from './cluster/report-cluster.ts'
import { writeDocs } from './docs/write-docs.ts'
import { describeEnvironment, formatEnvironment } from './environment.ts'
import { readOptions, USAGE, type BenchOptions } from './options.ts'
import { emptyResult, writeResult } from './result.ts'
import { MEASURE } from './sections.ts'
import { Stage } from './stage.ts'
import { textOf } from './table.ts'
import { targetsTable } from './targets.ts'

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
  const built = await loadBuilt()
  const startedAt = performance.now()
  const environment = describeEnvironment(options)
  console.log(`${formatEnvironment(environment)}\n`)
  const result = emptyResult(environment)
  for (const section of options.sections) await measure(section, built, options, result)
  console.log(`${textOf(targetsTable(result))}\n`)
  const file = writeResult(result, options.json)
  if (options.writesDocs) for (const path of writeDocs(result)) console.log(`Figures put into ${path}`)
  console.log(`All rounds: ${file} (${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes)`)
}

/** On a server and in a folder of its own, so that no section finds what another has left. */
async function measure(
  section: BenchOptions['sections'][number],
  built: Built,
  options: BenchOptions,
  result: ReturnType<typeof emptyResult>,
): Promise<void> {
  await using stage = await Stage.open(built, options.fsync)
  await MEASURE[section](stage, options, result)
}
