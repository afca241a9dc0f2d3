import type { Verb } from '../contenders/contender.ts'
import { FLOORS, PEERS, SQLITE_FLOOR, type ContenderKind } from '../contenders/kinds.ts'
import type { RemoteContender } from '../contenders/remote.ts'
import { Replay } from '../contenders/replay.ts'
import type { Pace, Round } from '../measure.ts'
import type { BenchOptions } from '../options.ts'
import type { Stage } from '../stage.ts'

/** All rounds of one contender at one verb. */
export interface Measurement {
  verb: Verb
  contender: string
  /** Calls in flight that were asked for. */
  inFlight: number
  /** What the contender could be given of these. */
  usedInFlight: number
  rounds: Round[]
}

/** Measured with one call in flight too, unless told otherwise: what a lone caller waits for. */
const ALONE: readonly Verb[] = ['updateProgress', 'findById', 'create']
/** Levels at which throughput is measured. */
const LOAD_LEVELS = [1, 4, 16, 64, 256, 1024]
const LOAD_KINDS = ['redis', 'BullMQ', 'bee-queue', 'ioredis SET'] as const

/** Every verb of every contender. @param onMeasured is told what was measured together, as soon as it was */
export function compare(
  stage: Stage,
  options: BenchOptions,
  onMeasured: (measurements: Measurement[]) => void,
): Promise<Measurement[]> {
  const levelsOf = (verb: Verb): number[] => options.inFlight ?? (ALONE.includes(verb) ? [256, 1] : [256])
  const plan = options.verbs.flatMap((verb) => levelsOf(verb).map((inFlight) => ({ verb, inFlight })))
  return measureFilled(stage, kindsOf(options), plan, options.pace, onMeasured)
}

/** Throughput with few and many calls in flight. */
export function measureLoad(
  stage: Stage,
  { verbs, inFlight, pace }: BenchOptions,
  onMeasured: (measurements: Measurement[]) => void,
): Promise<Measurement[]> {
  const wanted = ALONE.filter((verb) => verbs.includes(verb))
  const plan = wanted.flatMap((verb) => (inFlight ?? LOAD_LEVELS).map((level) => ({ verb, inFlight: level })))
  return measureFilled(stage, LOAD_KINDS, plan, { ...pace, durationMs: pace.durationMs / 2 }, onMeasured)
}

/** Peers and floors stand beside our store on the same server, or on a file of the same kind. */
function kindsOf({ backends, hasPeers }: BenchOptions): ContenderKind[] {
  const kinds: ContenderKind[] = [...backends]
  if (!hasPeers) return kinds
  if (backends.includes('sqlite')) kinds.push(SQLITE_FLOOR)
  if (!backends.includes('redis')) return kinds
  kinds.push(...PEERS, ...FLOORS.filter((kind) => kind !== 'same calls by redis-cli' || Replay.isPossible()))
  if (!Replay.isPossible())
    console.log('redis-cli is not on PATH: what it reaches with the same calls is not measured.\n')
  return kinds
}

async function measureFilled(
  stage: Stage,
  kinds: readonly ContenderKind[],
  plan: readonly { verb: Verb; inFlight: number }[],
  pace: Pace,
  onMeasured: (measurements: Measurement[]) => void,
): Promise<Measurement[]> {
  const contenders = await stage.contenders(kinds)
  const all: Measurement[] = []
  try {
    for (const contender of contenders) await contender.fill()
    for (const { verb, inFlight } of plan) {
      const measurements = await measureVerb(verb, contenders, inFlight, pace)
      onMeasured(measurements)
      all.push(...measurements)
    }
    return all
  } finally {
    await Promise.all(contenders.map((contender) => contender.close()))
  }
}

/** Measures one verb of all contenders that have it: warm-up of each, then rounds of A B C, A B C, … */
async function measureVerb(
  verb: Verb,
  contenders: readonly RemoteContender[],
  inFlight: number,
  pace: Pace,
): Promise<Measurement[]> {
  const measurements = new Map<RemoteContender, Measurement>()
  for (const contender of contenders) {
    const usedInFlight = await contender.warmUp(verb, inFlight, pace)
    if (usedInFlight !== null)
      measurements.set(contender, { verb, contender: contender.name, inFlight, usedInFlight, rounds: [] })
  }
  for (let round = 0; round < pace.rounds; round++)
    for (const [contender, { rounds }] of measurements) rounds.push(await contender.round(verb, inFlight, pace))
  return [...measurements.values()]
}
