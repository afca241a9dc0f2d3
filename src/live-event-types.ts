import type { JobEventType } from './core/event.ts'

/** The types of the events that subscribe() gives: all but `snapshotted`, which changes nothing. */
export const LIVE_EVENT_TYPES: readonly JobEventType[] = [
  'created',
  'updated',
  'statusChanged',
  'progressed',
  'deleted',
  'expired',
]

/** Reads names of types with commas between. @returns null if one of them is none */
export function parseEventTypes(text: string): JobEventType[] | null {
  const names = new Set(text.split(','))
  const types = LIVE_EVENT_TYPES.filter((type) => names.has(type))
  return types.length === names.size ? types : null
}
