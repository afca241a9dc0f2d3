import { stripVTControlCharacters } from 'node:util'

export interface UvuSummary {
  total: number
  passed: number
  skipped: number
}

/**
 * Reads the counts that uvu prints at its end; a file that runs its suites in several rounds prints several, which are
 * added up.
 * @returns null if there are none: uvu did not come to its end
 */
export function parseUvuSummary(output: string): UvuSummary | null {
  const pattern = /^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)\n {2}Duration: /gm
  const rounds = [...stripVTControlCharacters(output).replaceAll('\r\n', '\n').matchAll(pattern)]
  if (rounds.length === 0) return null
  const sum = (group: number): number => rounds.reduce((total, round) => total + Number(round[group]), 0)
  return { total: sum(1), passed: sum(2), skipped: sum(3) }
}

/** Whether the counts are the last that was printed: all suites that were to run have, or another round is still to come. */
export function endsWithSummary(output: string): boolean {
  return /\n {2}Duration: +[\d.]+ms\s*$/.test(stripVTControlCharacters(output.slice(-500)))
}
