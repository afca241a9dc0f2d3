/**
 * What readers lose when things break: `npm run bench:faults`. The same happens to a reader of ours and to BullMQ's
 * QueueEvents, each on a redis-server and in a process of its own; both go on as their documentation says. The table is
 * docs/comparison.md's.
 */
import { execFileSync } from 'node:child_process'

import { SCENARIOS, type Tally } from './scenarios.ts'
import { openBullMq, openJobledger } from './subjects.ts'

const READERS = { jobledger: openJobledger, QueueEvents: openBullMq } as const

const [place, reader] = process.argv.slice(2)
if (place === undefined) runAll()
else await runOne(Number(place), reader as keyof typeof READERS)

function runAll(): void {
  console.log('| what happens | reader | written | missed | twice | undone | told |')
  console.log('| --- | --- | --: | --: | --: | --: | --- |')
  for (const index of SCENARIOS.keys())
    for (const name of Object.keys(READERS))
      execFileSync(process.execPath, ['--import', 'tsx', import.meta.filename, String(index), name], {
        stdio: 'inherit',
      })
}

async function runOne(index: number, name: keyof typeof READERS): Promise<void> {
  const scenario = SCENARIOS[index]
  if (scenario === undefined) throw new Error(`There are ${SCENARIOS.length} scenarios, and none of number ${index}.`)
  console.log(row(scenario.name, name, await scenario.run(READERS[name])))
  // What a client keeps open after it was closed is of no interest any more.
  process.exit()
}

function row(name: string, by: string, { written, missed, twice, undone, told }: Tally): string {
  const codes = [...new Set(told)].map((code) => `\`${code}\``).join(', ')
  return `| ${[name, by, written, missed, twice, undone, codes === '' ? '–' : codes].join(' | ')} |`
}
