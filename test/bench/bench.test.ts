import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import type { BenchResult } from '../../bench/result.ts'
import { programPath } from '../support/repository.ts'

const test = suite('bench')
const main = programPath(new URL('../../bench/main.ts', import.meta.url))

/** Runs the benchmark as a user would, with hardly any rounds. @returns what it printed, and its JSON */
function bench(...options: string[]): { output: string; result: BenchResult } {
  const folder = mkdtempSync(join(tmpdir(), 'jobledger-bench-test-'))
  try {
    const json = join(folder, 'result.json')
    const brief = ['--rounds', '2', '--duration-ms', '5', '--json', json]
    const args = [...process.execArgv, main, ...brief, ...options]
    const env = { ...process.env, JOBLEDGER_BENCH_JOBS: '400' }
    const output = execFileSync(process.execPath, args, { encoding: 'utf8', stdio: 'pipe', env })
    return { output, result: JSON.parse(readFileSync(json, 'utf8')) as BenchResult }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('measures every contender that has a verb, and writes all rounds down', () => {
  const verbs = ['--compare', '--only', 'updateProgress,history', '--in-flight', '256']
  const { output, result } = bench('--backend', 'memory,sqlite,redis', ...verbs)
  const measured = result.measurements.map(({ verb, contender }) => `${verb} ${contender}`)
  assert.equal(measured, [
    'updateProgress jobledger memory',
    'updateProgress jobledger sqlite',
    'updateProgress jobledger redis',
    'updateProgress better-sqlite3 loop',
    'updateProgress plain ioredis',
    'updateProgress BullMQ',
    'updateProgress bee-queue',
    'updateProgress ioredis SET',
    'updateProgress same calls by redis-cli',
    'history jobledger memory',
    'history jobledger sqlite',
    'history jobledger redis',
  ])
  for (const { rounds } of result.measurements) {
    assert.is(rounds.length, 2)
    for (const { calls, ms } of rounds) assert.ok(calls > 0 && ms > 0)
  }
  for (const name of ['node', 'redis', 'ioredis', 'bullmq', 'bee-queue'])
    assert.match(result.environment.versions[name] ?? '', /^\d+\./)
  assert.match(output, /jobledger redis \/ BullMQ: [\d.,]+ ×/)
  assert.match(output, /updateProgress \/ ioredis SET +at least 1.10 × +[\d.,]+ × +(reached|MISSED)/)
  assert.match(output, /persistence off/)
})

test('counts the bytes of jobs and events, and measures what must stay flat', () => {
  const { output, result } = bench('--size', '--growth', '--scale', '0.0005', '--in-flight', '4')
  assert.equal(
    result.size.map(({ subject, jobs }) => `${subject} ${jobs}`),
    ['jobledger redis 250', 'plain ioredis 250', 'BullMQ 250'],
  )
  for (const { createdBytes, progressBytes, finishedBytes, subject } of result.size) {
    const isLikely = createdBytes > 600 && finishedBytes > createdBytes + 1_500
    assert.ok(isLikely, `${subject}: ${createdBytes}, ${finishedBytes}`)
    // The plain way has no event: it puts some bytes more into the hash, if any.
    if (subject !== 'plain ioredis') assert.ok(progressBytes > 50, `${subject}: ${progressBytes}`)
  }
  const [onRedis] = result.growth
  const sizes = onRedis?.rows.filter(({ verb }) => verb === 'history').map(({ jobs }) => jobs)
  assert.equal(sizes, [40, 50, 500])
  for (const { rounds } of onRedis?.rows ?? []) for (const { p50, p99 } of rounds) assert.ok(p50 > 0 && p99 >= p50)
  assert.equal(
    onRedis?.walks.map(({ verb }) => verb),
    ['verify', 'rebuild'],
  )
  assert.match(output, /SLOWLOG at 5 ms/)
})

test('measures how soon, and how fast, events reach readers in another process', () => {
  const { output, result } = bench('--live', '--duration-ms', '200')
  const { live } = result
  if (live === null) throw new Error('nothing was measured')
  for (const rounds of Object.values(live.latency))
    for (const { p50, p99 } of rounds) assert.ok(p50 > 0 && p99 >= p50, `p50 ${p50}, p99 ${p99}`)
  for (const rounds of Object.values(live.delivery))
    for (const { events, cpuUs } of rounds) assert.ok(events > 0 && cpuUs > 0, `${events} events, ${cpuUs} µs`)
  assert.equal(live.connections, { all: 2, each: 2 })
  assert.match(output, /BullMQ QueueEvents +p50/)
})

test('names an option that it does not know, and what it may be', () => {
  try {
    bench('--backend', 'postgres')
    assert.unreachable('it ran')
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: string }
    assert.is(status, 1)
    assert.match(stderr, /--backend takes memory, sqlite, redis, not "postgres"/)
  }
})

test.run()
