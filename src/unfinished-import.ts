import { ProjectionLostError } from './core/errors.ts'

/** Why a store that takes another log over takes no commands yet, and can't be rebuilt: a part of that log would be lost. */
export function unfinishedImport(): ProjectionLostError {
  return ProjectionLostError.of(
    "Another log's events are being taken over: run migrate or import to its end, or again.",
  )
}
