import type { EncodedCommand } from '../backend.ts'
import type { Command } from '../core/command.ts'
import type { JobFields } from '../core/job.ts'
import { codeOf, encodeRemoved } from './event-entries.ts'
import { hashName, isPlain, REFER_TO_THIS, REMOVED } from './job-hash.ts'

/** One argument of a script. */
export type Argument = string | number | Buffer

/**
 * Appends one command's frame, as lua/lib/frame.lua reads it.
 * @param known the newest event of the state that the sender holds, '0' for none; for a change only
 * @param inlineBytes above it, values stay in the log and the hash refers to them
 */
export function pushFrame(args: Argument[], encoded: EncodedCommand, known: string, inlineBytes: number): void {
  const { command, data } = encoded
  const move = moveOf(command)
  const hasGuards = command.expectedVersion !== null || command.commandId !== null || fromOf(command) !== null
  args.push(
    KINDS[command.kind] + (hasGuards ? 'g' : '') + (move === null ? '' : 'm'),
    command.jobId,
    command.kind === 'change' ? known : '',
    codeOf(command.type),
    command.kind === 'change' ? encodeRemoved(command.removed) : '',
    encoded.meta ?? '',
    data,
  )
  if (hasGuards) pushGuards(args, command, encoded.digest)
  if (move !== null) args.push(...move)
  const fields = args.length
  args.push(0)
  if (command.kind !== 'delete') pushFields(args, encoded, command.set, inlineBytes)
  if (command.kind === 'change')
    for (const field of command.removed) args.push(hashName(field), isPlain(field) ? '' : REMOVED)
  args[fields] = args.length - fields - 1
}

const KINDS = { create: 'c', change: 's', delete: 'd' } as const

function fromOf(command: Command): readonly string[] | null {
  return command.kind === 'change' ? command.from : null
}

function pushGuards(args: Argument[], command: Command, digest: string | null): void {
  const from = fromOf(command) ?? []
  args.push(command.expectedVersion ?? '', command.commandId ?? '', digest ?? '', from.length, ...from)
}

/** stamp, status, userId, createdAt, expiresAt: what the indexes hang on; null if the command touches none of it. */
function moveOf(command: Command): Argument[] | null {
  if (command.kind === 'delete') return null
  const { set } = command
  if (!('status' in set || 'userId' in set || 'createdAt' in set || 'expiresAt' in set)) return null
  const stamp = command.kind === 'change' ? (command.stamp ?? '') : ''
  return [stamp, textOf(set, 'status'), textOf(set, 'userId'), timeOf(set, 'createdAt'), timeOf(set, 'expiresAt')]
}

function textOf(set: JobFields, field: string): string {
  return (set[field] as string | undefined) ?? ''
}

function timeOf(set: JobFields, field: string): Argument {
  return (set[field] as Date | undefined)?.getTime() ?? ''
}

/** The hash's fields: plain ones as text, others as msgpack or by reference; those of a large create all by one. */
function pushFields(args: Argument[], encoded: EncodedCommand, set: JobFields, inlineBytes: number): void {
  const isCreate = encoded.command.kind === 'create'
  const isBase = isCreate && ownBytes(encoded) > inlineBytes
  if (isBase) args.push('@base', REFER_TO_THIS)
  for (const field in set) {
    const value = set[field]
    if (field === 'status' || field === 'userId') args.push(field, value as string)
    else if (isPlain(field)) args.push(field, (value as Date).toISOString())
    else if (!isBase) args.push(hashName(field), hashValue(value, encoded.values.get(field) as Buffer, inlineBytes))
  }
}

function hashValue(value: unknown, bytes: Buffer, inlineBytes: number): Argument {
  if (bytes.length > inlineBytes) return REFER_TO_THIS
  return value instanceof Date ? value.toISOString() : bytes
}

function ownBytes(encoded: EncodedCommand): number {
  let bytes = 0
  for (const [field, value] of encoded.values) if (!isPlain(field)) bytes += value.length
  return bytes
}
