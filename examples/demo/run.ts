import type { JobCore, JobStore } from '../../src/index.ts'
import type { Screen } from '../../src/cli/terminal/screen.ts'

/** One run of the demo: what it works on, and where it says so. */
export interface Run<T extends JobCore> {
  screen: Screen
  store: JobStore<T>
  /** Names the run: letters and digits. Stands in ids where those without it may be taken, and in every event. */
  run: string
  signal: AbortSignal
}
