import type { JobCore, JobStore, VerifyReport } from '../../src/index.ts'
import { driftTable } from '../../src/cli/show/verify-report.ts'
import type { Screen } from '../../src/cli/terminal/screen.ts'
import { printTable } from '../../src/cli/terminal/table.ts'
import { damage } from './damage.ts'

/**
 * What makes the store different: its state can be proved against its log, and made again from it.
 * @returns whether the store ended as sound as it was
 */
export async function repair<T extends JobCore>(
  screen: Screen,
  store: JobStore<T>,
  changedId: string,
  lostId: string,
): Promise<boolean> {
  screen.heading('Proved, damaged, made again: verify(), rebuild()')
  const before = await store.verify()
  say(screen, before, 'the state is what the log says')
  await damage(store, changedId, lostId)
  screen.print('  … now somebody slips: one job is changed by hand, one is deleted, a count is off')
  const found = await store.verify()
  const { columns, rows } = driftTable(found.drift)
  printTable(screen, { columns, rows })
  const { repaired, durationMs } = await store.rebuild()
  screen.print(
    `  rebuild() put ${repaired} things right in ${durationMs.toFixed(0)} ms; readers and writers were never stopped`,
  )
  const after = await store.verify()
  say(screen, after, 'the state is what the log says again')
  return before.ok && !found.ok && after.ok
}

function say(screen: Screen, { ok, events, jobs }: VerifyReport, what: string): void {
  const mark = ok ? screen.style('green', '✓') : screen.style('red', '✗')
  screen.print(
    `  ${mark} verify(): ${events} events replayed, ${jobs} jobs: ${ok ? what : 'the state is not what the log says'}`,
  )
}
