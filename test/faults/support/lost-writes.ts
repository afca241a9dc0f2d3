/** What inspect() says of a command that was acknowledged and is gone. */
const LOST = /was acknowledged and is not in the log/

/**
 * Where writes may be lost, since nobody waited for replicas: each loss must be told.
 * @param losses batches that onWritesLost told of
 * @returns how many commands are gone, and the other violations
 */
export function withoutLost(found: readonly string[], losses: number): { lost: number; violations: string[] } {
  const violations = found.filter((violation) => !LOST.test(violation))
  const lost = found.length - violations.length
  if (lost > 0 && losses === 0)
    violations.push(`P4: ${lost} acknowledged commands were lost, and onWritesLost said nothing`)
  return { lost, violations }
}
