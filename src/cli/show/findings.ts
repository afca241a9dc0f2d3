import type { Finding, Verdict } from '../../diagnosis/finding.ts'
import type { Output } from '../terminal/output.ts'
import type { Paint } from '../terminal/table.ts'
import { counted } from '../terminal/text.ts'

const PAINTS: Record<Verdict, Paint | null> = { ok: null, warn: 'yellow', fail: 'red', unknown: 'cyan' }

/** What was found about a store, and what to change, and why. */
export function printFindings(output: Output, label: string, findings: readonly Finding[]): void {
  output.line(label, 'bold')
  output.table({
    columns: [{ title: '' }, { title: 'what' }, { title: 'how it is' }, { title: 'what to change, and why' }],
    rows: findings.map(({ verdict, topic, where, found, advice }) => [
      verdict,
      where === null ? topic : `${topic} of ${where}`,
      found,
      advice ?? '',
    ]),
    paint: (row) => PAINTS[findings[row]?.verdict ?? 'ok'],
  })
  output.line(summaryOf(findings))
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (wanted: Verdict): number => findings.filter(({ verdict }) => verdict === wanted).length
  if (count('fail') > 0) return `✗ ${counted(count('fail'), 'promise')} not kept as things are.`
  const rest = (['warn', 'unknown'] as const).filter((verdict) => count(verdict) > 0)
  const notes = rest.map((verdict) => `${count(verdict)} ${verdict}`).join(', ')
  return `✓ The promises hold as things are${notes === '' ? '' : ` (${notes})`}.`
}
