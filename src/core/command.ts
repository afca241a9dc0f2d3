import { checkJob, checkProgress, checkUpdates, isId } from './check.ts'
import { describe } from './errors.ts'
import type { EventMeta, JobEventType } from './event.ts'
import type { JobFields, StampField } from './job.ts'
import type { Statuses } from './statuses.ts'
import { copyStorable, isPlainObject } from './value.ts'

/** What may stand beside a command. */
export interface CommandOptions {
  /** Apply only if the job is at this version; for create, the version that the id was left at, 0 if it was never used. @throws VersionConflictError */
  expectedVersion?: number
  /**
   * A command with an id that this job has seen within the last 24 h is not applied again: the first outcome is
   * given back, the job as it was then. 1 to 512 bytes of UTF-8. Refused commands are not remembered.
   * @throws CommandReusedError if it was another command then
   */
  commandId?: string
  /** Goes into the event, for the audit trail. */
  meta?: EventMeta
}

/** What every command says besides what it does. */
interface Guards {
  expectedVersion: number | null
  commandId: string | null
  meta: EventMeta | null
}

/** A command that has been checked: it may still be refused, but only for what the job is by then. */
export type Command = Guards &
  (
    | { kind: 'create'; jobId: string; type: 'created'; userId: string; set: JobFields }
    | {
        kind: 'change'
        jobId: string
        type: Extract<JobEventType, 'updated' | 'statusChanged' | 'progressed'>
        set: JobFields
        removed: string[]
        /** To be set to the event's time, unless the job has it. */
        stamp: StampField | null
        /** The statuses that the job may have; null: any. */
        from: readonly string[] | null
      }
    | { kind: 'delete'; jobId: string; type: 'deleted' }
  )

/** @throws InvalidJobError */
export function createCommand(job: unknown, statuses: Statuses, options?: CommandOptions): Command {
  const { id, userId, set } = checkJob(job, statuses)
  const { expectedVersion, commandId, meta } = checkGuards(options)
  return { kind: 'create', jobId: id, type: 'created', userId, set, expectedVersion, commandId, meta }
}

/** @throws InvalidJobError */
export function changeCommand(id: string, updates: unknown, statuses: Statuses, options?: CommandOptions): Command {
  const { set, removed } = checkUpdates(id, updates, statuses)
  const status = set['status'] as string | undefined
  const stamp = status === undefined ? null : statuses.stampOf(status)
  const { expectedVersion, commandId, meta } = checkGuards(options)
  return {
    kind: 'change',
    jobId: id,
    type: typeOf(set, removed),
    set,
    removed,
    stamp: stamp !== null && (stamp in set || removed.includes(stamp)) ? null : stamp,
    from: status === undefined ? null : statuses.sourcesOf(status),
    expectedVersion,
    commandId,
    meta,
  }
}

/** The same as a change of nothing but progress, for most commands are that. @throws InvalidJobError */
export function progressCommand(id: string, progress: unknown, options?: CommandOptions): Command {
  const { expectedVersion, commandId, meta } = checkGuards(options)
  return {
    kind: 'change',
    jobId: id,
    type: 'progressed',
    set: { progress: checkProgress(progress) },
    removed: [],
    stamp: null,
    from: null,
    expectedVersion,
    commandId,
    meta,
  }
}

/** @throws TypeError for options that are none */
export function deleteCommand(id: string, options?: CommandOptions): Command {
  return { kind: 'delete', jobId: id, type: 'deleted', ...checkGuards(options) }
}

function typeOf(set: JobFields, removed: string[]): 'updated' | 'statusChanged' | 'progressed' {
  if ('status' in set) return 'statusChanged'
  if (removed.length > 0 || !('progress' in set)) return 'updated'
  return Object.keys(set).length === 1 ? 'progressed' : 'updated'
}

const NO_GUARDS: Guards = { expectedVersion: null, commandId: null, meta: null }

function checkGuards(options: CommandOptions | undefined): Guards {
  if (options === undefined) return NO_GUARDS
  const given: unknown = options
  if (!isPlainObject(given)) throw new TypeError(`options: expected a plain object, got ${describe(options)}.`)
  const { expectedVersion, commandId, meta } = options
  if (expectedVersion !== undefined && !(Number.isSafeInteger(expectedVersion) && expectedVersion >= 0))
    throw new TypeError(`expectedVersion: expected a whole number, 0 or more, got ${describe(expectedVersion)}.`)
  if (commandId !== undefined && !isId(commandId))
    throw new TypeError(`commandId: expected text of 1 to 512 bytes of UTF-8, got ${describe(commandId)}.`)
  if (meta !== undefined && !isPlainObject(meta))
    throw new TypeError(`meta: expected a plain object, got ${describe(meta)}.`)
  return {
    expectedVersion: expectedVersion ?? null,
    commandId: commandId ?? null,
    meta: meta === undefined ? null : (copyStorable(meta, 'meta') as EventMeta),
  }
}
