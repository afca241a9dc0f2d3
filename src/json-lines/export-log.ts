import type { JobStore } from '../contract.ts'
import type { JobCore } from '../core/job.ts'
import { encodeEventLine } from './event-line.ts'
import { encodeFooterLine, encodeHeaderLine } from './frame-lines.ts'

/**
 * A store's whole log as JSON lines, each with its end: docs/log-format.md says how they look. What is written after the
 * first line was taken may be left out. Holds one page of events at a time; stop it by leaving the loop.
 * @throws what store.events() throws
 */
export async function* exportLog<T extends JobCore>(store: Pick<JobStore<T>, 'events'>): AsyncGenerator<string> {
  yield `${encodeHeaderLine()}\n`
  let events = 0
  for await (const event of store.events()) {
    yield `${encodeEventLine(event)}\n`
    events++
  }
  yield `${encodeFooterLine(events)}\n`
}
