import type { Sequence } from './calls.ts'

/**
 * Takes out of a failing sequence whatever it fails without: steps, then calls of a step, halves first. fast-check makes
 * the values simple, but leaves calls behind that have nothing to do with the failure.
 * @param fails tries a sequence
 */
export async function shorten(sequence: Sequence, fails: (shorter: Sequence) => Promise<boolean>): Promise<Sequence> {
  const steps = await shortenList(sequence.steps, (fewer) => fails({ ...sequence, steps: fewer }))
  for (const [index, step] of steps.entries()) {
    const withCalls = (calls: typeof step.calls): typeof steps => steps.with(index, { ...step, calls })
    const calls = await shortenList(step.calls, (fewer) => fails({ ...sequence, steps: withCalls(fewer) }))
    steps[index] = { ...step, calls }
  }
  return { ...sequence, steps }
}

async function shortenList<T>(list: T[], fails: (shorter: T[]) => Promise<boolean>): Promise<T[]> {
  let shortest = [...list]
  for (let size = Math.ceil(shortest.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = shortest.length - size; start >= 0; start -= size) {
      const shorter = shortest.toSpliced(start, size)
      if (shorter.length > 0 && (await fails(shorter))) shortest = shorter
    }
  }
  return shortest
}
