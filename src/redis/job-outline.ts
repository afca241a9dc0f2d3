import { decodeValue } from '../codec.ts'
import type { EventId } from '../core/event.ts'
import { isWhole } from '../core/evolve.ts'
import type { Place } from '../place.ts'
import type { Outline } from '../outlines.ts'
import { FIELD, type ChangePage } from './change-page.ts'
import { eventIdOf, readType, timeOf } from './event-entries.ts'
import type { FramePacker } from './frame-packer.ts'
import { hashName, isPlain, REFERENCE_MARK } from './job-hash.ts'
import type { Interner } from './interner.ts'
import { fieldSpans } from './value-spans.ts'

/** What an outline takes besides its fields. */
const OWN_BYTES = 320

/** What all outlines of a walk share. */
export interface OutlineContext {
  partition: number
  inlineBytes: number
  texts: Interner
}

/**
 * A job as its hash is to be, folded from its events as apply.lua writes it: large values by reference, the others as the
 * bytes that they are. Bytes are kept as text of a character each: a Buffer of a few bytes would take a hundred more.
 */
export class JobOutline implements Outline {
  /** Whether all of the job is known: its events so far began with one that stands for the whole job. */
  isCertain = false
  readonly #context: OutlineContext
  #version = ''
  /** The newest event's id in the stream. */
  #event = ''
  #status: string | null = null
  #userId = ''
  #createdMs = 0
  #expiresMs = 0
  /** The event that set all own fields at once, if they are large together. */
  #base: string | null = null
  /** Names and values of the hash's other fields, one after the other. */
  #fields: string[] = []

  constructor(context: OutlineContext) {
    this.#context = context
  }

  get eventId(): EventId {
    return eventIdOf(this.#context.partition, this.#event)
  }

  get place(): Place | null {
    return this.#status === null ? null : { userId: this.#userId, status: this.#status }
  }

  get bytes(): number {
    let bytes = OWN_BYTES
    for (const text of this.#fields) bytes += 24 + text.length
    return bytes
  }

  /** Takes the page's current event. */
  take(page: ChangePage): void {
    try {
      this.#fold(page)
    } catch {
      // Bytes that no store of ours wrote: what they come to is not for an outline to say.
      this.isCertain = false
    }
  }

  /** Packs it as lua/check.lua and lua/reconcile.lua read it. */
  push(packer: FramePacker, jobId: string): void {
    packer.pushText(jobId)
    const isLive = this.#status !== null
    const count = this.#fields.length + 4 + (isLive ? 8 : 0) + (this.#base === null ? 0 : 2)
    packer.pushText(String(count))
    pushPair(packer, '@version', this.#version)
    pushPair(packer, '@event', this.#event)
    if (isLive) {
      pushPair(packer, 'status', this.#status as string)
      pushPair(packer, 'userId', this.#userId)
      pushPair(packer, 'createdAt', new Date(this.#createdMs).toISOString())
      pushPair(packer, 'expiresAt', new Date(this.#expiresMs).toISOString())
    }
    if (this.#base !== null) {
      packer.pushText('@base')
      packer.pushLatin1(this.#base)
    }
    for (let at = 0; at < this.#fields.length; at += 2) {
      packer.pushText(this.#fields[at] as string)
      packer.pushLatin1(this.#fields[at + 1] as string)
    }
    packer.pushText(this.#userId)
    packer.pushText(this.#status ?? '')
    packer.pushText(isLive ? String(this.#createdMs) : '')
    packer.pushText(isLive ? String(this.#expiresMs) : '')
  }

  #fold(page: ChangePage): void {
    const { type, stamp } = readType(page.ascii(FIELD.type))
    this.#version = this.#context.texts.one(page.ascii(FIELD.version))
    this.#event = page.ascii(FIELD.id)
    if (isWhole({ type })) this.#begin(type === 'created' || type === 'snapshotted', page)
    else if (page.isEmpty(FIELD.data)) this.isCertain = false
    else if (this.isCertain && this.#status !== null) this.#change(page, stamp)
  }

  /** An event that stands for the whole job. */
  #begin(isLive: boolean, page: ChangePage): void {
    this.isCertain = !page.isEmpty(FIELD.data)
    this.#base = null
    this.#fields = []
    this.#status = null
    this.#userId = isLive ? this.#context.texts.one(page.text(FIELD.user)) : ''
    if (!isLive || !this.isCertain) return
    const spans = fieldSpans(page.bytes, page.start(FIELD.data), page.end(FIELD.data))
    let ownBytes = 0
    for (let at = 0; at < spans.length; at += 4)
      if (!isPlain(this.#name(page, spans, at))) ownBytes += (spans[at + 3] as number) - (spans[at + 2] as number)
    if (ownBytes > this.#context.inlineBytes) this.#base = REFERENCE_MARK + this.#event
    for (let at = 0; at < spans.length; at += 4) {
      const name = this.#name(page, spans, at)
      if (isPlain(name) || this.#base === null) this.#set(name, page, spans[at + 2] as number, spans[at + 3] as number)
    }
  }

  #change(page: ChangePage, stamp: string | null): void {
    const spans = fieldSpans(page.bytes, page.start(FIELD.data), page.end(FIELD.data))
    for (let at = 0; at < spans.length; at += 4)
      this.#set(this.#name(page, spans, at), page, spans[at + 2] as number, spans[at + 3] as number)
    if (stamp !== null) this.#write(stamp, new Date(timeOf(this.#event)).toISOString())
    if (page.isEmpty(FIELD.removed)) return
    const removed = page.bytes.subarray(page.start(FIELD.removed), page.end(FIELD.removed))
    for (const name of decodeValue(removed) as string[])
      if (this.#base === null || isPlain(name)) this.#remove(name)
      else this.#write(hashName(name), REFERENCE_MARK)
  }

  #name(page: ChangePage, spans: readonly number[], at: number): string {
    return this.#context.texts.one(page.bytes.toString('utf8', spans[at], spans[at + 1]))
  }

  #set(name: string, { bytes }: ChangePage, start: number, end: number): void {
    const { texts, inlineBytes } = this.#context
    if (name === 'status' || name === 'userId') {
      const text = texts.one(String(decodeValue(bytes.subarray(start, end))))
      if (name === 'status') this.#status = text
      else this.#userId = text
    } else if (name === 'createdAt') this.#createdMs = msIn(bytes, start, end)
    else if (name === 'expiresAt') this.#expiresMs = msIn(bytes, start, end)
    else if (!isPlain(name) && end - start > inlineBytes) this.#write(hashName(name), REFERENCE_MARK + this.#event)
    else if (isPlain(name) || isDate(bytes, start))
      this.#write(hashName(name), new Date(msIn(bytes, start, end)).toISOString())
    else this.#write(hashName(name), bytes.toString('latin1', start, end))
  }

  #write(name: string, value: string): void {
    const at = this.#indexOf(name)
    if (at < 0) this.#fields.push(name, value)
    else this.#fields[at + 1] = value
  }

  #remove(name: string): void {
    const at = this.#indexOf(hashName(name))
    if (at >= 0) this.#fields.splice(at, 2)
  }

  #indexOf(name: string): number {
    for (let at = 0; at < this.#fields.length; at += 2) if (this.#fields[at] === name) return at
    return -1
  }
}

function pushPair(packer: FramePacker, name: string, value: string): void {
  packer.pushText(name)
  packer.pushText(value)
}

/** Whether a msgpack timestamp begins here: an extension of type -1, of 4, 8 or 12 bytes. */
function isDate(bytes: Uint8Array, start: number): boolean {
  const first = bytes[start]
  return bytes[start + (first === 0xc7 ? 2 : 1)] === 0xff && (first === 0xd6 || first === 0xd7 || first === 0xc7)
}

/** @throws TypeError for what is no date */
function msIn(bytes: Uint8Array, start: number, end: number): number {
  const value = decodeValue(bytes.subarray(start, end))
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw new TypeError('no date')
  return value.getTime()
}
