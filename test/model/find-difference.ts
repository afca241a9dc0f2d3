import * as fc from 'fast-check'

import { sequence } from './arbitrary-sequence.ts'
import { describeSequence, type Sequence } from './calls.ts'
import { runInLockstep, type Listener } from './lockstep.ts'
import { shorten } from './shorten.ts'
import type { Contender } from './subject.ts'

/** How the sequences are chosen. */
export interface Search {
  seed: number
  /** Sequences. */
  runs: number
  /** Straight to a failure that was found with this seed. */
  path?: string
}

/** By JOBLEDGER_DIFFERENTIAL_SEED, _RUNS and _PATH: to find a failure again, or to search for long. */
export function searchFrom(
  env: Record<string, string | undefined>,
  fallback: { seed: number; amount: number },
): Search {
  const path = env['JOBLEDGER_DIFFERENTIAL_PATH']
  return {
    seed: Number(env['JOBLEDGER_DIFFERENTIAL_SEED'] ?? fallback.seed),
    runs: Number(env['JOBLEDGER_DIFFERENTIAL_RUNS'] ?? fallback.amount),
    ...(path === undefined ? {} : { path }),
  }
}

/** Looks for a sequence that the contenders take differently. @returns null, or the shortest one found, in words */
export async function findDifference(
  contenders: readonly Contender[],
  { seed, runs, path }: Search,
  listen?: Listener,
): Promise<string | null> {
  const differ = (one: Sequence): Promise<void> => runInLockstep(contenders, one, listen)
  const property = fc.asyncProperty(sequence, differ)
  const found = await fc.check(property, { seed, numRuns: runs, ...(path === undefined ? {} : { path }) })
  const [simplest] = found.counterexample ?? []
  if (simplest === undefined) return null
  const shortest = await shorten(simplest, async (shorter) => (await messageOf(differ(shorter))) !== null)
  return [
    `After ${found.numRuns} sequences and ${found.numShrinks} simplifications:`,
    describeSequence(shortest),
    (await messageOf(differ(shortest))) ?? 'It passed when it was tried once more.',
    `To see it again: JOBLEDGER_DIFFERENTIAL_SEED=${seed} JOBLEDGER_DIFFERENTIAL_RUNS=${runs} JOBLEDGER_DIFFERENTIAL_PATH=${found.counterexamplePath}`,
  ].join('\n')
}

/** What a run fails with; null if it passes. */
function messageOf(run: Promise<void>): Promise<string | null> {
  return run.then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}
