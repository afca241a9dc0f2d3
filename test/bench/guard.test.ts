import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { findSlower } from '../../bench/guard/find-slower.ts'
import type { BenchResult } from '../../bench/result.ts'
import { aResult, measured } from './results.ts'
import { programPath } from '../support/repository.ts'

const test = suite('bench guard')
const main = programPath(new URL('../../bench/guard/main.ts', import.meta.url))

/** Ours and SET, in calls a second. */
function rates(ours: readonly number[], sets: readonly number[]): BenchResult {
  return aResult({ measurements: [measured('jobledger redis', ours), measured('ioredis SET', sets)] })
}

const old = rates([100_000, 104_000, 96_000], [80_000, 80_000, 80_000])

function slowerThan(fresh: BenchResult): string[] {
  return findSlower(old, fresh).slower.map(({ name }) => name)
}

test('names what became slower by more than the spread', () => {
  assert.equal(slowerThan(rates([80_000, 82_000, 78_000], [80_000, 80_000, 80_000])), [
    'updateProgress, jobledger redis, 256 in flight',
  ])
})

test('lets be what is within the spread, or quicker', () => {
  assert.equal(slowerThan(rates([97_000, 101_000, 95_000], [80_000, 80_000, 80_000])), [])
  assert.equal(slowerThan(rates([150_000, 150_000, 150_000], [80_000, 80_000, 80_000])), [])
})

test('does not take a slower machine for a slower store, nor a quicker one for a quicker', () => {
  const slowMachine = rates([50_000, 52_000, 48_000], [40_000, 40_000, 40_000])
  for (const { rounds } of slowMachine.measurements) for (const round of rounds) round.commandUs = 14
  assert.equal(slowerThan(slowMachine), [])
  assert.is(slowerThan(rates([100_000, 104_000, 96_000], [160_000, 160_000, 160_000])).length, 2)
})

test('names what became larger, and leaves what has hardly changed', () => {
  const sized = (createdBytes: number): BenchResult => {
    const bytes = { createdBytes, progressBytes: 100, finishedBytes: 4_000, created: {}, finished: {} }
    return aResult({ size: [{ subject: 'jobledger redis', records: 'jobs', jobs: 10, ...bytes }] })
  }
  assert.equal(findSlower(sized(1_000), sized(1_010)).slower, [])
  assert.equal(findSlower(sized(1_000), sized(900)).slower, [])
  assert.equal(findSlower(sized(1_000), sized(1_100)).slower, [{ name: 'bytes a job, created, jobs', ratio: 1.1 }])
})

test('says what is not measured any more, and what else is another', () => {
  const fresh = aResult()
  fresh.environment.versions['redis'] = '8.0.0'
  const { missing, warnings } = findSlower(old, fresh)
  assert.ok(missing.includes('updateProgress, jobledger redis, 256 in flight'))
  assert.ok(warnings.includes('redis was 7.0.15 and is 8.0.0.'))
})

test('exits with 1 where something became slower, with 0 where nothing did, with 2 if told too little', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jobledger-bench-guard-'))
  try {
    const [oldFile, slowFile] = ['old.json', 'slow.json'].map((name) => join(folder, name)) as [string, string]
    writeFileSync(oldFile, JSON.stringify(old))
    writeFileSync(slowFile, JSON.stringify(rates([50_000, 52_000, 48_000], [80_000, 80_000, 80_000])))
    const guard = (...files: string[]): { status: number | null; stdout: string } =>
      spawnSync(process.execPath, [...process.execArgv, main, ...files], { encoding: 'utf8' })
    const slower = guard(oldFile, slowFile)
    assert.is(slower.status, 1)
    assert.match(slower.stdout, /WORSE +0\.50 × .*updateProgress, jobledger redis, 256 in flight/)
    assert.is(guard(slowFile, oldFile).status, 0)
    assert.is(guard(oldFile).status, 2)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test.run()
