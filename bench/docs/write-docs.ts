import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

import type { BenchResult } from '../result.ts'
import { drawCharts, growthCharts, loadCharts } from './charts.ts'
import { CHARTS, FRAGMENTS } from './fragments.ts'
import { putFragments } from './put-fragments.ts'

const ROOT = join(import.meta.dirname, '../..')
const DOCUMENTS = ['docs/performance.md', 'README.md']

/**
 * Puts a result's figures into the documents, where a mark names them, and draws its charts. What was not measured stays.
 * @returns the paths of what was written
 */
export function writeDocs(result: BenchResult): string[] {
  for (const path of DOCUMENTS) {
    const file = join(ROOT, path)
    const document = readFileSync(file, 'utf8')
    writeFileSync(
      file,
      putFragments(document, (name) => fragmentOf(name, result)),
    )
  }
  execFileSync(process.execPath, [join(ROOT, 'node_modules/oxfmt/bin/oxfmt'), ...DOCUMENTS], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  const charts = [...loadCharts(result.load), ...result.growth.flatMap(growthCharts)]
  return [...DOCUMENTS, ...drawCharts(charts, join(ROOT, 'docs', CHARTS)).map((path) => relative(ROOT, path))]
}

/** @throws Error for a name that no figures have */
function fragmentOf(name: string, result: BenchResult): string | null {
  const write = FRAGMENTS[name]
  if (write === undefined) throw new Error(`There are no figures "${name}", only ${Object.keys(FRAGMENTS).join(', ')}.`)
  return write(result)
}
