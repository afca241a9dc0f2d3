import type { Rows, ScenarioRow } from './row.ts'

const HEADS = ['promises', 'scenario', 'amount', 'faults that hit (floor)', 'violations', 'mutants caught', 'seconds']

/** What was found, as a table of Markdown, which can stand in docs/promises.md as it is. */
export function tableOf(rows: Rows): string {
  const lines = rows.scenarios.map((row) => [
    row.promises.join(', '),
    row.name,
    row.figures === '' ? `${row.amount}` : row.figures,
    `${row.hits} (${row.floor})`,
    `${row.violations.length}`,
    `${caughtOf(row, rows)} of ${row.mutants.length}`,
    row.seconds.toFixed(0),
  ])
  const widths = HEADS.map((head, column) => Math.max(head.length, ...lines.map((line) => line[column]?.length ?? 0)))
  const rule = widths.map((width) => '-'.repeat(width))
  return [HEADS, rule, ...lines]
    .map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
    .join('\n')
}

/** What makes the run fail, a sentence each. */
export function failuresOf(rows: Rows, hasMutants: boolean): string[] {
  return rows.scenarios.flatMap((row) => {
    const { name, violations, hits, floor, seed, mutants } = row
    const failures: string[] = []
    if (violations.length > 0) failures.push(`${name}: ${violations.length} violations, SEED=${seed}: ${violations[0]}`)
    if (hits < floor) failures.push(`${name}: only ${hits} faults hit, the floor is ${floor}`)
    const caught = caughtOf(row, rows)
    if (hasMutants && caught < mutants.length) failures.push(`${name}: ${caught} of ${mutants.length} mutants caught`)
    return failures
  })
}

function caughtOf({ name }: ScenarioRow, rows: Rows): number {
  return rows.mutants.filter((mutant) => mutant.name === name && mutant.caughtBy !== null).length
}
