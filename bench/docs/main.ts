/** `npm run bench:docs -- RESULT.json…`: puts the figures of results that were measured before into the documents. */
import { mergeResults } from '../merge-results.ts'
import { readResult } from '../result.ts'
import { writeDocs } from './write-docs.ts'

const files = process.argv.slice(2)
if (files.length === 0) {
  console.error(
    'npm run bench:docs -- RESULT.json…: results of npm run bench (bench/results/); of a section, the last one counts',
  )
  process.exitCode = 2
} else for (const path of writeDocs(mergeResults(files.map(readResult)))) console.log(`Written: ${path}`)
