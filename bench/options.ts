import { parseArgs } from 'node:util'

import { VERBS, type Verb } from './contenders/contender.ts'
import { BACKENDS, type BackendName } from './contenders/kinds.ts'
import type { Pace } from './measure.ts'

const FSYNCS = ['off', 'always', 'everysec', 'no'] as const
export type Fsync = (typeof FSYNCS)[number]

/** What can be measured, in the order in which it is. */
export const SECTIONS = ['compare', 'size', 'load', 'processes', 'growth', 'upkeep', 'live'] as const
export type Section = (typeof SECTIONS)[number]

/** What --quick leaves out unless it is asked for: it would take more than two minutes. */
const SLOW: readonly Section[] = ['load', 'processes', 'growth', 'upkeep', 'live']

export interface BenchOptions {
  sections: Section[]
  verbs: Verb[]
  backends: BackendName[]
  /** Measure peers and floors too. */
  hasPeers: boolean
  /** Calls in flight, where they were asked for; null for 256, and 1 where that matters most. */
  inFlight: number[] | null
  pace: Pace
  /** Of sizes: 1 is up to 1,000,000 jobs and 5,000,000 events, --quick takes a fiftieth. */
  scale: number
  /** A trace whose jobs' bytes are counted too; null for none. */
  input: string | null
  fsync: Fsync
  /** Where the JSON goes; null for bench/results/ with the date. */
  json: string | null
  /** Put the figures into docs/performance.md and README.md. */
  writesDocs: boolean
}

export const USAGE = `npm run bench -- [options]
  --quick               short rounds, and only compare and size: under 2 minutes
  --compare             only: every verb beside peers and floors
  --size                only: bytes of Redis memory a job and an event, beside BullMQ and the plain way
  --load                only: throughput with 1 to 1,024 calls in flight
  --processes           only: 1, 2 and 4 client processes; 1 and 16 partitions
  --growth              only: each verb's latency at up to 1,000,000 jobs of 5 events, then verify and rebuild
  --upkeep              only: verify, rebuild from the stream alone, and what they do to writers
  --cluster             instead: one server beside a Cluster of three, all on this machine
  --live                only: how soon, and how fast, events reach readers in another process
  --only VERB,…         of ${VERBS.join(', ')}
  --backend NAME,…      of ${BACKENDS.join(', ')}
  --alone               without peers and floors
  --in-flight N,…       default 256, and 1 for the verbs that a lone caller waits for
  --rounds N            default 3
  --duration-ms N       of a round; default 1000, with --quick 200
  --scale X             of sizes; default 1, with --quick 0.02
  --input FILE          --size: a trace whose jobs are counted too (as the demo's --input)
  --appendfsync WHEN    of redis-server: ${FSYNCS.join(', ')} (default off: no persistence at all)
  --json FILE           default bench/results/<date>.json
  --write-docs          put the figures into docs/performance.md, its charts and README.md`

/** @throws Error that says which option is wrong, and what it may be */
export function readOptions(args: string[]): BenchOptions {
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args,
    options: {
      quick: flag,
      compare: flag,
      size: flag,
      load: flag,
      processes: flag,
      growth: flag,
      upkeep: flag,
      live: flag,
      cluster: flag,
      only: { type: 'string', default: VERBS.join(',') },
      backend: { type: 'string', default: BACKENDS.join(',') },
      alone: flag,
      'in-flight': { type: 'string' },
      rounds: { type: 'string', default: '3' },
      'duration-ms': { type: 'string' },
      scale: { type: 'string' },
      input: { type: 'string' },
      appendfsync: { type: 'string', default: 'off' },
      json: { type: 'string' },
      'write-docs': flag,
    },
  })
  const durationMs = positive('--duration-ms', values['duration-ms'] ?? (values.quick ? '200' : '1000'))
  const asked = SECTIONS.filter((section) => values[section])
  const all = SECTIONS.filter((section) => !values.quick || !SLOW.includes(section))
  const inFlight = values['in-flight']?.split(',').map((text) => Math.floor(positive('--in-flight', text)))
  return {
    sections: asked.length > 0 ? asked : all,
    verbs: inOrder(namesIn('--only', values.only, VERBS)),
    backends: namesIn('--backend', values.backend, BACKENDS),
    hasPeers: !values.alone,
    inFlight: inFlight ?? null,
    pace: paceOf(Math.floor(positive('--rounds', values.rounds)), durationMs),
    scale: positive('--scale', values.scale ?? (values.quick ? '0.02' : '1')),
    input: values.input ?? null,
    fsync: namesIn('--appendfsync', values.appendfsync, FSYNCS)[0] as Fsync,
    json: values.json ?? null,
    writesDocs: values['write-docs'],
  }
}

function paceOf(rounds: number, durationMs: number): Pace {
  return {
    rounds,
    durationMs,
    // Code that has just been compiled, or compiled anew, says little about a process that runs for days.
    settleMs: durationMs / 2,
    warmUpMs: Math.max(durationMs, Math.min(durationMs * 4, 400)),
    maxTurns: Math.ceil(durationMs * 80),
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
