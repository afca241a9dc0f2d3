import type { Drift, VerifyReport } from '../../contract.ts'
import type { Output } from '../terminal/output.ts'
import { counted } from '../terminal/text.ts'
import { describeValue, jobWithoutSecret } from './describe.ts'

/** @param most differences that are printed one by one */
export function printVerifyReport(output: Output, report: VerifyReport, most: number): void {
  const { ok, events, jobs, drift, driftCount } = report
  const size = `${counted(events, 'event')}, ${counted(jobs, 'job')}`
  if (ok) return output.line(`✓ The live state is what the log says: ${size}.`, 'green')
  output.line(`✗ The live state differs from the log in ${counted(driftCount, 'place')}: ${size}.`, 'red')
  const shown = drift.slice(0, most)
  if (shown.length > 0) output.table(driftTable(shown, output.longestValue))
  if (driftCount > shown.length) output.line(`  … and ${counted(driftCount - shown.length, 'other')}`, 'dim')
  output.line('  "jobledger rebuild" makes the live state what the log says, while reads and writes go on.')
}

/** A row a difference. @param longest columns of a value */
export function driftTable(
  drift: readonly Drift[],
  longest?: number,
): { columns: { title: string }[]; rows: string[][] } {
  const columns = ['what', 'job', 'user', 'field', 'by the log', 'is'].map((title) => ({ title }))
  return { columns, rows: drift.map((one) => rowOf(one, longest)) }
}

function rowOf({ kind, jobId, userId, field, expected, actual }: Drift, longest?: number): string[] {
  const show = (value: unknown): string =>
    describeValue(field ?? '', (field === undefined ? jobWithoutSecret(value) : value) ?? undefined, { longest })
  return [kind, jobId ?? '', userId ?? '', field ?? '', show(expected), show(actual)]
}
