import { InvalidArgumentError } from 'commander'

import type { AsOf } from '../core/event.ts'
import { time } from './runner.ts'

/**
 * A moment in a job's life, as --as-of takes it: digits are a version, a date is a time, the rest an event's id. In SQLite
 * ids are digits too: event:12 says which is meant.
 */
export function readAsOf(text: string): AsOf {
  const [, kind, rest] = /^(version|time|event):(.+)$/s.exec(text) ?? []
  const value = rest ?? text
  if (kind === 'event') return { eventId: value }
  if (kind === 'version' || (kind === undefined && /^\d+$/.test(value))) return { version: versionOf(value) }
  if (kind === 'time' || /^\d{4}-\d\d-\d\d(?:$|[T ])/.test(value)) return time(value)
  if (/^[\d-]+$/.test(value)) return { eventId: value }
  throw new InvalidArgumentError('Expected a version (12), a time (2026-01-31T12:00:00Z) or an event (event:ID).')
}

function versionOf(text: string): number {
  const version = /^\d{1,16}$/.test(text) ? Number(text) : 0
  if (version >= 1 && Number.isSafeInteger(version)) return version
  throw new InvalidArgumentError('Expected a version from 1.')
}
