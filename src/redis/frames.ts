import type { EncodedCommand } from '../backend.ts'
import type { Command } from '../core/command.ts'
import type { JobFields } from '../core/job.ts'
import type { Snapshot } from '../maintenance.ts'
import { codeOf, encodeRemoved } from './event-entries.ts'
import type { FramePacker } from './frame-packer.ts'
import { hashName, isPlain, REFER_TO_THIS, REMOVED } from './job-hash.ts'
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
  const hasGuards = command.expectedVersion !== null || command.commandId !== null || fromOf(command) !== null
  const setting = command.kind === 'delete' ? null : command
  const isMove = setting !== null && touchesIndexes(setting.set)
  const hash = setting === null ? null : new HashFields(setting, removed, data, inlineBytes)
  const parts =
    (command.kind === 'change' ? 'k' : '') +
    (removed.length > 0 ? 'r' : '') +
    (meta === null ? '' : 'a') +
    (hasGuards ? 'g' : '') +
    (isMove ? 'm' : '')
  packer.pushText(codeOf(command.type) + parts + String(2 * (hash?.count ?? 0)))
  packer.pushText(command.jobId)
  if (command.kind === 'change') packer.pushText(known)
  if (removed.length > 0) packer.pushBytes(encodeRemoved(removed))
  if (meta !== null) packer.pushBytes(meta)
  packer.pushBytes(data)
  if (hasGuards) pushGuards(packer, command, digest)
  if (isMove) pushMove(packer, stampOf(setting), userIdOf(setting), setting.set)
  hash?.push(packer)
}

/** Packs a snapshot: what creates a job, guarded by the version that it is at. */
export function pushSnapshot(packer: FramePacker, snapshot: Snapshot, inlineBytes: number): void {
  const { jobId, version, userId, set, data, meta } = snapshot
  const hash = new HashFields({ kind: 'create', set }, [], data, inlineBytes)
  packer.pushText(`${codeOf('snapshotted')}agm${2 * hash.count}`)
  packer.pushText(jobId)
  packer.pushBytes(meta)
  packer.pushBytes(data)
  for (const guard of [String(version), '', '', '0']) packer.pushText(guard)
  pushMove(packer, '', userId, set)
  hash.push(packer)
}

function stampOf(command: Setting): string {
  return command.kind === 'change' ? (command.stamp ?? '') : ''
}

function userIdOf(command: Setting): string {
  return command.kind === 'create' ? command.userId : ((command.set['userId'] as string | undefined) ?? '')
}

function fromOf(command: Command): readonly string[] | null {
  return command.kind === 'change' ? command.from : null
}

/** Expected version, commandId, digest, and the statuses that it may come from. */
function pushGuards(packer: FramePacker, command: Command, digest: string | null): void {
  const from = fromOf(command) ?? []
  packer.pushText(String(command.expectedVersion ?? ''))
  packer.pushText(command.commandId ?? '')
  packer.pushText(digest ?? '')
  packer.pushText(String(from.length))
  for (const status of from) packer.pushText(status)
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

/**
 * What a command writes into its job's hash besides status and userId, which the move says: plain fields as text, others
 * as msgpack, or by reference if they are large. A new job's own fields are named all at once if they are large together.
 */
class HashFields {
  /** Fields that push() writes. */
  readonly count: number
  readonly #set: JobFields
  readonly #removed: readonly string[]
  readonly #data: Buffer
  readonly #spans: readonly number[]
  readonly #inlineBytes: number
  readonly #hasBase: boolean

  constructor(command: Pick<Setting, 'kind' | 'set'>, removed: readonly string[], data: Buffer, inlineBytes: number) {
    this.#set = command.set
    this.#removed = removed
    this.#data = data
    this.#spans = valueSpans(data)
    this.#inlineBytes = inlineBytes
    let own = 0
    let plain = 0
    let ownBytes = 0
    let at = 0
    for (const field in command.set) {
      if (!isPlain(field)) {
        own++
        ownBytes += (this.#spans[at + 1] as number) - (this.#spans[at] as number)
      } else if (!isMoved(field)) plain++
      at += 2
    }
    this.#hasBase = command.kind === 'create' && ownBytes > inlineBytes
    this.count = plain + (this.#hasBase ? 1 : own) + this.#removed.length
  }

  push(packer: FramePacker): void {
    if (this.#hasBase) {
      packer.pushText('@base')
      packer.pushBytes(REFER_TO_THIS)
    }
    let at = 0
    for (const field in this.#set) {
      if (!isPlain(field)) {
        if (!this.#hasBase) this.#pushOwn(packer, field, this.#spans[at] as number, this.#spans[at + 1] as number)
      } else if (!isMoved(field)) {
        packer.pushText(field)
        packer.pushText((this.#set[field] as Date).toISOString())
      }
      at += 2
    }
    for (const field of this.#removed) {
      packer.pushText(hashName(field))
      if (isPlain(field)) packer.pushEmpty()
      else packer.pushBytes(REMOVED)
    }
  }

  #pushOwn(packer: FramePacker, field: string, start: number, end: number): void {
    const value = this.#set[field]
    packer.pushText(hashName(field))
    if (end - start > this.#inlineBytes) packer.pushBytes(REFER_TO_THIS)
    else if (value instanceof Date) packer.pushText(value.toISOString())
    else packer.pushBytes(this.#data, start, end)
  }
}

/** Whether the move says the field. */
function isMoved(field: string): boolean {
  return field === 'status' || field === 'userId'
}
