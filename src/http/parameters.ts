import { isId } from '../core/check.ts'
import type { JobEventType } from '../core/event.ts'
import { LIVE_EVENT_TYPES, parseEventTypes } from '../live-event-types.ts'
import { invalidParameter } from './problem.ts'

const MOST_JOBS = 100
/** All types together, and a page's `after`, which holds an id. */
const LONGEST_TEXT = 1024
/** Some 30 characters for each of the 1,024 partitions that a store may have. */
const LONGEST_CURSOR = 32_768

/** What was given of a query or a header; undefined if it was not. */
type Given = string | undefined

/** @throws Problem (400) */
export function readLimit(given: Given): number | undefined {
  if (given === undefined) return undefined
  const limit = /^\d{1,9}$/.test(given) ? Number(given) : 0
  if (limit < 1 || limit > MOST_JOBS) throw invalidParameter('limit', `a whole number from 1 to ${MOST_JOBS}`)
  return limit
}

/** A status, or a user's id. @throws Problem (400) */
export function readId(name: string, given: Given): string | undefined {
  if (given !== undefined && !isId(given)) throw invalidParameter(name, 'text of 1 to 512 bytes of UTF-8')
  return given
}

/** Where a page of jobs goes on. @throws Problem (400) */
export function readPage(given: Given): string | undefined {
  if (given !== undefined && given.length > LONGEST_TEXT)
    throw invalidParameter('after', 'the `next` of a page of jobs')
  return given
}

/** Types of events: the parameter may be repeated, and each may hold several with commas between. @throws Problem (400) */
export function readTypes(given: readonly string[]): JobEventType[] | undefined {
  if (given.length === 0) return undefined
  const text = given.join(',')
  const types = text.length > LONGEST_TEXT ? null : parseEventTypes(text)
  if (types === null) throw invalidParameter('type', `one or more of ${LIVE_EVENT_TYPES.join(', ')}`)
  return types
}

/** Where a stream of events goes on: Last-Event-ID, which a client sends by itself, or else ?after. @throws Problem (400) */
export function readCursor(lastEventId: Given, after: Given): string | undefined {
  const [name, cursor] = lastEventId ? ['Last-Event-ID', lastEventId] : ['after', after || undefined]
  if (cursor !== undefined && cursor.length > LONGEST_CURSOR) throw invalidParameter(name, 'the id of an event')
  return cursor
}
