/** `npm run bench:compare -- OLD.json NEW.json`: names what became slower, or larger, by more than the spread; exit code 1 then. */
import { readResult } from '../result.ts'
import { findSlower } from './find-slower.ts'

const [old, fresh] = process.argv.slice(2)
if (old === undefined || fresh === undefined) {
  console.error('npm run bench:compare -- OLD.json NEW.json: two results of npm run bench (bench/results/)')
  process.exitCode = 2
} else {
  const { slower, compared, missing, warnings } = findSlower(readResult(old), readResult(fresh))
  for (const warning of warnings) console.log(`Note: ${warning}`)
  if (missing.length > 0) console.log(`Not measured any more: ${missing.join('; ')}`)
  for (const { name, ratio } of slower) console.log(`WORSE  ${ratio.toFixed(2)} × what it was: ${name}`)
  console.log(`${slower.length} of ${compared} figures became worse by more than the spread.`)
  if (slower.length > 0) process.exitCode = 1
}
