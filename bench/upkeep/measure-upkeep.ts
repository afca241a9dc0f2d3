import { fork } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import type { JobStore } from '../../src/index.ts'
import { runAll } from '../measure.ts'
import { aRecord, idOf, progressOf } from '../record.ts'
import { quantile } from '../statistics.ts'
import { walk, walkBoth, type Walk } from './walks.ts'

/** Events of each job: created, then progress. */
const EVENTS_A_JOB = 5
/** Commands that are given a second while latency is measured, whether the ones before them are done or not. */
const COMMANDS_A_SECOND = 500
const RESTS_MS = 500

/** How long updateProgress took, in ms, with and without a rebuild in another process; a round each. */
export interface WriteLatency {
  without: { p50: number; p99: number }[]
  during: { p50: number; p99: number }[]
}

export interface UpkeepMeasurement {
  walks: Walk[]
  latency: WriteLatency
}

export interface UpkeepPlan {
  url: string
  prefix: string
  open: () => JobStore
  jobs: number
  rounds: number
  /** Of one latency round. */
  durationMs: number
}

/** Verify, then rebuild from nothing but the stream, then the latency of writes while another process rebuilds. */
export async function measureUpkeep({
  url,
  prefix,
  open,
  jobs,
  rounds,
  durationMs,
}: UpkeepPlan): Promise<UpkeepMeasurement> {
  const walks: Walk[] = []
  let store = open()
  try {
    await runAll(jobs, (turn) => store.create(aRecord(turn)))
    for (let event = 1; event < EVENTS_A_JOB; event++)
      await runAll(jobs, (turn) => store.updateProgress(idOf(turn), progressOf(turn + event)))
    await store.close()
    for (let round = 0; round < rounds; round++) walks.push(...(await walkBoth(url, prefix)))
    // What was rebuilt must be sound, or the figures are worth nothing.
    await walk('verify', url, prefix)
    store = open()
    const latency: WriteLatency = { without: [], during: [] }
    for (let round = 0; round < rounds; round++) {
      latency.without.push(await measureWrites(store, jobs, durationMs))
      await using _ = rebuildInAnotherProcess(url, prefix)
      await delay(RESTS_MS)
      latency.during.push(await measureWrites(store, jobs, durationMs))
    }
    return { walks, latency }
  } finally {
    await store.close()
  }
}

/** Gives commands at a steady rate, and takes the time of each from when it was due. */
async function measureWrites(store: JobStore, jobs: number, durationMs: number): Promise<{ p50: number; p99: number }> {
  const times: number[] = []
  const calls: Promise<void>[] = []
  const startedAt = performance.now()
  for (let turn = 0; turn < (durationMs / 1000) * COMMANDS_A_SECOND; turn++) {
    const dueAt = startedAt + (turn * 1000) / COMMANDS_A_SECOND
    if (dueAt > performance.now()) await delay(dueAt - performance.now())
    // A timer may be early, but a command that waited counts from when it was due.
    const from = Math.min(dueAt, performance.now())
    const call = store.updateProgress(idOf((turn * 7919) % jobs), progressOf(turn)).then(() => {
      times.push(performance.now() - from)
    })
    calls.push(call)
  }
  await Promise.all(calls)
  times.sort((left, right) => left - right)
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

/** Rebuilds again and again, as an operator would with the command line, until it is disposed of. */
function rebuildInAnotherProcess(url: string, prefix: string): AsyncDisposable {
  const child = fork(`${import.meta.dirname}/rebuild-for-ever${extname(import.meta.filename)}`, [url, prefix], {
    stdio: 'inherit',
  })
  return {
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}
