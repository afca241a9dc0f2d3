import type { Outcome } from './backend.ts'
import type { Command } from './core/command.ts'
import {
  CommandReusedError,
  InvalidTransitionError,
  JobAlreadyExistsError,
  ProjectionLostError,
  quote,
  VersionConflictError,
} from './core/errors.ts'

/** An outcome that is no error to the caller. */
export type Settled = Extract<Outcome, { kind: 'applied' | 'repeated' | 'notFound' }>

/**
 * Where expected outcomes, values so far, become the errors of the public surface.
 * @throws JobAlreadyExistsError, VersionConflictError, InvalidTransitionError, CommandReusedError, ProjectionLostError
 */
export function settle(outcome: Outcome, command: Command): Settled {
  switch (outcome.kind) {
    case 'applied':
    case 'repeated':
    case 'notFound':
      return outcome
    case 'alreadyExists':
      throw JobAlreadyExistsError.of(command.jobId)
    case 'versionConflict':
      throw VersionConflictError.of(command.jobId, command.expectedVersion ?? 0, outcome.actual)
    case 'transitionRefused': {
      const to = command.kind === 'change' ? String(command.set['status']) : ''
      throw InvalidTransitionError.of(command.jobId, outcome.from, to)
    }
    case 'commandReused':
      throw CommandReusedError.of(command.jobId, command.commandId ?? '')
    case 'failed':
      throw outcome.error
    case 'unreadable':
      throw ProjectionLostError.of(`The state of job ${quote(command.jobId)} can't be read: ${outcome.what}.`)
  }
}
