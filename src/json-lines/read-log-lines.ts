import { describe, InvalidLogError } from '../core/errors.ts'
import type { JobEvent } from '../core/event.ts'
import type { Job, JobCore } from '../core/job.ts'
import { parseLine, readEvent } from './event-line.ts'
import { isFooter, requireFooter, requireHeader } from './frame-lines.ts'
import { JobChains } from './job-chains.ts'
import { splitLines } from './lines.ts'

/**
 * The events of a log that exportLog wrote, in its order: each job's versions rise by one, and each event names the one
 * before it. Their cursors are empty. Only at the end is it known that the file is whole: until then, what came may be
 * all that there is.
 * @param lines lines, or chunks of a file, cut anywhere
 * @throws InvalidLogError naming line and field: at a line that can't be read, or does not fit those before it; at a file
 * of another format; at one that was cut off
 */
export async function* readLogLines<T extends JobCore = Job>(
  lines: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<JobEvent<T>> {
  const chains = new JobChains()
  let expected: 'header' | 'events' | 'nothing' = 'header'
  let events = 0
  let last = 0
  for await (const { text, number } of splitLines(lines, refuseLine)) {
    last = number
    if (expected === 'nothing') throw InvalidLogError.of(number, 'line', 'expected nothing after the last line.')
    const fields = parseLine(text, number)
    if (expected === 'header') {
      requireHeader(fields, number)
      expected = 'events'
    } else if (isFooter(fields)) {
      requireFooter(fields, events, number)
      expected = 'nothing'
    } else {
      const event = readEvent(fields, number)
      chains.add(event, number)
      events++
      yield event as JobEvent<T>
    }
  }
  if (expected !== 'nothing')
    throw InvalidLogError.of(last + 1, 'line', `expected the last line, got the end after ${events} events: cut off.`)
}

function refuseLine(line: number, expected: string, received: unknown): InvalidLogError {
  return InvalidLogError.of(line, 'line', `expected ${expected}, got ${describe(received)}.`)
}
