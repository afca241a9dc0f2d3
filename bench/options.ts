import { parseArgs } from 'node:util'

import { VERBS, type Verb } from './contenders/contender.ts'
import type { Pace } from './measure.ts'

export const BACKENDS = ['memory', 'sqlite', 'redis'] as const
export type BackendName = (typeof BACKENDS)[number]

const FSYNCS = ['off', 'always', 'everysec', 'no'] as const
export type Fsync = (typeof FSYNCS)[number]

export interface BenchOptions {
  verbs: Verb[]
  backends: BackendName[]
  /** Measure plain ioredis and BullMQ too. */
  hasPeers: boolean
  inFlight: number[]
  pace: Pace
  growth: boolean
  /** Measure subscribe() instead, beside BullMQ's QueueEvents. */
  live: boolean
  /** Measure verify and rebuild instead, on so many jobs of 5 events; null for no. */
  upkeepJobs: number | null
  /** Scales the growth measurements; 1 is up to 100,000 jobs and 1,000,000 events. */
  growthScale: number
  fsync: Fsync
  /** Where the JSON goes; null for bench/results/ with the date. */
  json: string | null
}

export const USAGE = `npm run bench -- [options]
  --quick               rounds of 250 ms instead of 1 s: under 2 minutes
  --growth              instead: what stays flat as users and logs grow
  --live                instead: how soon, and how fast, events reach readers in another process
  --cluster             instead: one server beside a Cluster of three, all on this machine
  --upkeep              instead: verify, rebuild from the stream alone, and what they do to writers
  --upkeep-jobs N       default 200,000, of 5 events each
  --only VERB,…         of ${VERBS.join(', ')}
  --backend NAME,…      of ${BACKENDS.join(', ')}
  --alone               without plain ioredis and BullMQ
  --in-flight N,…       default 256,1
  --rounds N            default 3
  --duration-ms N       of a round
  --appendfsync WHEN    of redis-server: ${FSYNCS.join(', ')} (default off: no persistence at all)
  --json FILE           default bench/results/<date>.json`

/** @throws Error that says which option is wrong, and what it may be */
export function readOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      live: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      cluster: { type: 'boolean', default: false },
      upkeep: { type: 'boolean', default: false },
      'upkeep-jobs': { type: 'string', default: '200000' },
      'growth-scale': { type: 'string', default: '1' },
      only: { type: 'string', default: VERBS.join(',') },
      backend: { type: 'string', default: BACKENDS.join(',') },
      alone: { type: 'boolean', default: false },
      'in-flight': { type: 'string', default: '256,1' },
      rounds: { type: 'string', default: '3' },
      'duration-ms': { type: 'string' },
      appendfsync: { type: 'string', default: 'off' },
      json: { type: 'string' },
    },
  })
  const durationMs = positive('--duration-ms', values['duration-ms'] ?? (values.quick ? '250' : '1000'))
  return {
    verbs: inOrder(namesIn('--only', values.only, VERBS)),
    backends: namesIn('--backend', values.backend, BACKENDS),
    hasPeers: !values.alone,
    inFlight: values['in-flight'].split(',').map((text) => Math.floor(positive('--in-flight', text))),
    pace: {
      rounds: Math.floor(positive('--rounds', values.rounds)),
      durationMs,
      // Code that has just been compiled, or compiled anew, says little about a process that runs for days.
      settleMs: durationMs / 2,
      warmUpMs: Math.max(durationMs, Math.min(durationMs * 4, 400)),
      maxTurns: Math.ceil(durationMs * 80),
    },
    growth: values.growth,
    live: values.live,
    upkeepJobs: values.upkeep ? Math.floor(positive('--upkeep-jobs', values['upkeep-jobs'])) : null,
    growthScale: positive('--growth-scale', values['growth-scale']),
    fsync: namesIn('--appendfsync', values.appendfsync, FSYNCS)[0] as Fsync,
    json: values.json ?? null,
  }
}

function namesIn<const N extends string>(option: string, text: string, names: readonly N[]): N[] {
  return text.split(',').map((wanted) => {
    const found = names.find((name) => name === wanted)
    if (found === undefined) throw new Error(`${option} takes ${names.join(', ')}, not "${wanted}"\n\n${USAGE}`)
    return found
  })
}

/** Creates come last: they change what the other verbs work on. */
function inOrder(verbs: readonly Verb[]): Verb[] {
  return VERBS.filter((verb) => verbs.includes(verb))
}

function positive(option: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`${option} must be a number above 0, not "${text}"\n\n${USAGE}`)
  return value
}
