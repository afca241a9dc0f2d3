import type { Verb } from './contenders/contender.ts'
import type { RemoteContender } from './contenders/remote.ts'
import type { Pace, Round } from './measure.ts'

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

/** Measures one verb of all contenders that have it: warm-up of each, then rounds of A B C, A B C, … */
export async function measureVerb(
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
    for (const [contender, { rounds, usedInFlight }] of measurements)
      rounds.push(await contender.round(verb, usedInFlight, pace))
  return [...measurements.values()]
}
