import type { JobFields } from '../core/job.ts'
import { isOwn } from '../core/value.ts'
import type { FramePacker } from './frame-packer.ts'
import { hashName, isPlain, REFER_TO_THIS, REMOVED } from './job-hash.ts'
import { valueSpans } from './value-spans.ts'

/** How a command's fields go into the job's hash. */
export interface HashPlan {
  /** Where each value stands in the event's data. */
  spans: readonly number[]
  /** A new job's own fields are named all at once, as they are large together. */
  hasBase: boolean
  /** Fields to be written. */
  count: number
}

/** @param isNew whether it is a new job's hash */
export function planHash(
  isNew: boolean,
  set: JobFields,
  removed: readonly string[],
  data: Buffer,
  inlineBytes: number,
): HashPlan {
  const spans = valueSpans(data)
  let own = 0
  let plain = 0
  let ownBytes = 0
  let at = 0
  for (const field in set) {
    if (!isOwn(set, field)) continue
    if (!isPlain(field)) {
      own++
      ownBytes += (spans[at + 1] as number) - (spans[at] as number)
    } else if (!isMoved(field)) plain++
    at += 2
  }
  const hasBase = isNew && ownBytes > inlineBytes
  return { spans, hasBase, count: plain + (hasBase ? 1 : own) + removed.length }
}

/**
 * What a command writes into its job's hash besides status and userId, which the move says: plain fields as text, others
 * as msgpack, or by reference if they are large.
 */
export function pushHash(
  packer: FramePacker,
  { spans, hasBase }: Omit<HashPlan, 'count'>,
  set: JobFields,
  removed: readonly string[],
  data: Buffer,
  inlineBytes: number,
): void {
  if (hasBase) {
    packer.pushText('@base')
    packer.pushBytes(REFER_TO_THIS)
  }
  let at = 0
  for (const field in set) {
    if (!isOwn(set, field)) continue
    const start = spans[at++] as number
    const end = spans[at++] as number
    if (isMoved(field) || (hasBase && !isPlain(field))) continue
    const value = set[field]
    packer.pushText(hashName(field))
    if (value instanceof Date && (isPlain(field) || end - start <= inlineBytes)) packer.pushText(value.toISOString())
    else if (end - start > inlineBytes) packer.pushBytes(REFER_TO_THIS)
    else packer.pushBytes(data, start, end)
  }
  for (const field of removed) {
    packer.pushText(hashName(field))
    if (isPlain(field)) packer.pushEmpty()
    else packer.pushBytes(REMOVED)
  }
}

/** Whether the move says the field. */
function isMoved(field: string): boolean {
  return field === 'status' || field === 'userId'
}
