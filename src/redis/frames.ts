import type { EncodedCommand } from '../backend.ts'
import type { Command } from '../core/command.ts'
import type { JobFields } from '../core/job.ts'
import { isOwn } from '../core/value.ts'
import type { Snapshot } from '../maintenance.ts'
import { codeOf, encodeRemoved, streamIdOf } from './event-entries.ts'
import { LONG, type FramePacker } from './frame-packer.ts'
import { planHash, pushHash } from './hash-plan.ts'
import { valueSpans } from './value-spans.ts'

/** A command that sets fields. */
type Setting = Exclude<Command, { kind: 'delete' }>

/**
 * Packs one command, as lua/lib/frame.lua reads it.
 * @param known the newest event of the state that the sender holds, '0' for none; for a change only
 * @param inlineBytes above it, values stay in the log and the hash refers to them
 */
export function pushFrame(packer: FramePacker, encoded: EncodedCommand, known: string, inlineBytes: number): void {
  const { command, data, meta, digest } = encoded
  const removed = command.kind === 'change' ? command.removed : []
  const isGuarded = hasGuards(command)
  const setting = command.kind === 'delete' ? null : command
  const isMove = setting !== null && touchesIndexes(setting.set)
  const plan = setting === null ? null : planHash(setting.kind === 'create', setting.set, removed, data, inlineBytes)
  const isLong = data.length >= LONG
  const parts =
    (command.kind === 'change' ? 'k' : '') +
    (removed.length > 0 ? 'r' : '') +
    (meta === null ? '' : 'a') +
    (isLong ? '' : 'd') +
    (isGuarded ? 'g' : '') +
    (isMove ? 'm' : '')
  const frame = beginFrame(packer, codeOf(command.type) + parts + String(2 * (plan?.count ?? 0)))
  packer.pushText(command.jobId)
  if (command.kind === 'change') packer.pushText(known)
  if (removed.length > 0) packer.pushBytes(encodeRemoved(removed))
  if (meta !== null) packer.pushBytes(meta)
  if (!isLong) packer.pushBytes(data)
  if (isGuarded) pushGuards(packer, command, digest)
  if (isMove) pushMove(packer, stampOf(setting), userIdOf(setting), setting.set)
  if (plan !== null && setting !== null) pushHash(packer, plan, setting.set, removed, data, inlineBytes)
  endFrame(packer, frame)
  if (isLong) packer.pushLong(data)
  if (isGuarded) for (const status of fromOf(command) ?? []) packer.pushText(status)
}

interface Frame {
  /** Of the last letter of its shape. */
  place: number
  /** The packer's at its beginning. */
  marks: number
}

const LONG_VALUES = 'l'.charCodeAt(0)

function beginFrame(packer: FramePacker, shape: string): Frame {
  packer.pushText(`${shape}s`)
  return { place: packer.place - 1, marks: packer.marks }
}

/** Says in the shape if a value went as an argument by itself. */
function endFrame(packer: FramePacker, { place, marks }: Frame): void {
  if (packer.marks > marks) packer.patch(place, LONG_VALUES)
}

/** Whether change.lua can apply it: it sets one field on which no list, count, queue or guard hangs, and removes none. */
export function isPlainChange({ command }: EncodedCommand): boolean {
  if (command.kind !== 'change' || command.removed.length > 0 || hasGuards(command)) return false
  return countFields(command.set) === 1 && !touchesIndexes(command.set)
}

function countFields(set: JobFields): number {
  let count = 0
  for (const field in set) if (isOwn(set, field)) count++
  return count
}

/** Packs a plain change, as change.lua reads it; known as above. */
export function pushPlainChange(
  packer: FramePacker,
  { command, data, meta }: EncodedCommand,
  known: string,
  inlineBytes: number,
): void {
  packer.pushText(codeOf(command.type))
  packer.pushText(command.jobId)
  packer.pushText(known)
  if (meta === null) packer.pushEmpty()
  else packer.pushBytes(meta)
  packer.pushBytes(data)
  const plan = { spans: valueSpans(data), hasBase: false }
  pushHash(packer, plan, (command as Setting).set, [], data, inlineBytes)
}

/** Packs a snapshot: what creates a job, guarded by the version and the event that it is at. */
export function pushSnapshot(packer: FramePacker, snapshot: Snapshot, inlineBytes: number): void {
  const { jobId, version, eventId, userId, set, data, meta } = snapshot
  const plan = planHash(true, set, [], data, inlineBytes)
  const frame = beginFrame(packer, `${codeOf('snapshotted')}kagm${2 * plan.count}`)
  packer.pushText(jobId)
  packer.pushText(streamIdOf(eventId))
  packer.pushBytes(meta)
  for (const guard of [String(version), '', '', '0']) packer.pushText(guard)
  pushMove(packer, '', userId, set)
  pushHash(packer, plan, set, [], data, inlineBytes)
  endFrame(packer, frame)
  packer.pushLong(data)
}

function stampOf(command: Setting): string {
  return command.kind === 'change' ? (command.stamp ?? '') : ''
}

function userIdOf(command: Setting): string {
  return command.kind === 'create' ? command.userId : ((command.set['userId'] as string | undefined) ?? '')
}

function hasGuards(command: Command): boolean {
  return command.expectedVersion !== null || command.commandId !== null || fromOf(command) !== null
}

function fromOf(command: Command): readonly string[] | null {
  return command.kind === 'change' ? command.from : null
}

/** Expected version, commandId, digest, and the number of statuses that it may come from. */
function pushGuards(packer: FramePacker, command: Command, digest: string | null): void {
  packer.pushText(String(command.expectedVersion ?? ''))
  packer.pushText(command.commandId ?? '')
  packer.pushText(digest ?? '')
  packer.pushText(String(fromOf(command)?.length ?? 0))
}

/** Whether a command sets what lists, counts and the expiry queue hang on. */
function touchesIndexes(set: JobFields): boolean {
  return 'status' in set || 'userId' in set || 'createdAt' in set || 'expiresAt' in set
}

/** Stamp, status, userId, createdAt, expiresAt (ms); nothing for what stays. */
function pushMove(packer: FramePacker, stamp: string, userId: string, set: JobFields): void {
  packer.pushText(stamp)
  packer.pushText((set['status'] as string | undefined) ?? '')
  packer.pushText(userId)
  packer.pushText(timeOf(set, 'createdAt'))
  packer.pushText(timeOf(set, 'expiresAt'))
}

function timeOf(set: JobFields, field: string): string {
  return String((set[field] as Date | undefined)?.getTime() ?? '')
}
