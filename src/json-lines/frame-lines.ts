import { describe, InvalidLogError } from '../core/errors.ts'
import type { JobFields } from '../core/job.ts'

/** The format that this program writes, and the only one that it reads. */
const FORMAT = 1

/** The first line of a log. */
export function encodeHeaderLine(): string {
  return JSON.stringify({ jobledger: FORMAT, content: 'log' })
}

/** The last line of a log: without it, a file that was cut off between two lines would pass for whole. */
export function encodeFooterLine(events: number): string {
  return JSON.stringify({ end: true, events })
}

/** Makes sure that a file is a log of the format that this program reads. @throws InvalidLogError */
export function requireHeader(fields: JobFields, line: number): void {
  const { jobledger, content } = fields
  if (!Number.isSafeInteger(jobledger))
    throw InvalidLogError.of(line, 'jobledger', `expected a log's first line, got ${describe(jobledger)}.`)
  if (jobledger !== FORMAT)
    throw InvalidLogError.of(
      line,
      'jobledger',
      `expected format ${FORMAT}, got ${describe(jobledger)}. Read it with a version of jobledger that knows it.`,
    )
  if (content !== 'log') throw InvalidLogError.of(line, 'content', `expected "log", got ${describe(content)}.`)
}

/** Whether a line is the last one: no event has a field of this name. */
export function isFooter(fields: JobFields): boolean {
  return Object.hasOwn(fields, 'end')
}

/** Makes sure that as many events came as the last line says. @throws InvalidLogError */
export function requireFooter(fields: JobFields, events: number, line: number): void {
  if (fields['end'] !== true) throw InvalidLogError.of(line, 'end', `expected true, got ${describe(fields['end'])}.`)
  if (fields['events'] !== events)
    throw InvalidLogError.of(line, 'events', `expected ${events}, as many as came, got ${describe(fields['events'])}.`)
}
