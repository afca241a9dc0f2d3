/** How a fault test is run. */
export interface Form {
  /** With docs/promises.md's amounts, and mutants. */
  isLong: boolean
  /** Of the long amounts, so much. */
  scale: number
  hasMutants: boolean
}

/** What the environment says: JOBLEDGER_FAULTS=long, _SCALE a number, _MUTANTS=off. */
export function readForm(): Form {
  const scale = Number(process.env['JOBLEDGER_FAULTS_SCALE'] ?? 1)
  if (!(scale > 0)) throw new Error(`JOBLEDGER_FAULTS_SCALE must be a number above 0, not "${scale}"`)
  return {
    isLong: process.env['JOBLEDGER_FAULTS'] === 'long',
    scale,
    hasMutants: process.env['JOBLEDGER_FAULTS_MUTANTS'] !== 'off',
  }
}

/** JOBLEDGER_FAULTS_ONLY names the scenarios to run, by a part of their names. */
export function isWanted(name: string): boolean {
  return name.includes(process.env['JOBLEDGER_FAULTS_ONLY'] ?? '')
}
