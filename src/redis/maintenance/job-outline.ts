import { decodeNames, decodeValue } from '../../codec.ts'
import type { EventId } from '../../core/event.ts'
import { isWhole } from '../../core/evolve.ts'
import type { Place } from '../../place.ts'
import { eventIdOf, FIELD, readType, timeOf, type StreamEntry } from '../event-entries.ts'
import type { FramePacker } from '../frame-packer.ts'
import { hashName, isPlain, REFERENCE_MARK } from '../job-hash.ts'
import { fieldSpans } from '../value-spans.ts'
import type { Interner } from './interner.ts'
import type { RecordReader, RecordWriter } from './record.ts'

/** Names and values past which one is not looked for from the first on. */
const MANY = 64

/** What all outlines of a walk share. */
export interface OutlineContext {
  partition: number
  inlineBytes: number
  texts: Interner
}

/**
 * A job as its hash is to be, folded from its events as apply.lua writes it: large values by reference, the others as the
 * bytes that they are, held as text of a character each.
 */
export class JobOutline {
  /** Whether all of the job is known: its events so far began with one that stands for the whole job. */
  isCertain = false
  readonly #context: OutlineContext
  #version = 0
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
  /** Where each name stands among these, once they are many. */
  #places: Map<string, number> | null = null

  constructor(context: OutlineContext) {
    this.#context = context
  }

  get eventId(): EventId {
    return eventIdOf(this.#context.partition, this.#event)
  }

  get place(): Place | null {
    return this.#status === null ? null : { userId: this.#userId, status: this.#status }
  }

  /** Takes the job's next event. */
  take(entry: StreamEntry): void {
    try {
      this.#fold(entry)
    } catch {
      // Bytes that no store of ours wrote: what they come to is not for an outline to say.
      this.isCertain = false
    }
  }

  write(record: RecordWriter): void {
    record.number(this.isCertain ? 1 : 0)
    record.number(this.#version)
    record.number(this.#createdMs)
    record.number(this.#expiresMs)
    record.text(this.#event, 'latin1')
    record.text(this.#base ?? '', 'latin1')
    record.text(this.#status ?? '', 'utf8')
    record.text(this.#userId, 'utf8')
    record.text(String(this.#fields.length), 'latin1')
    for (let at = 0; at < this.#fields.length; at++)
      record.text(this.#fields[at] as string, at % 2 === 0 ? 'utf8' : 'latin1')
  }

  /** Becomes what was written. */
  read(record: RecordReader): void {
    this.isCertain = record.number() === 1
    this.#version = record.number()
    this.#createdMs = record.number()
    this.#expiresMs = record.number()
    this.#event = record.text('latin1')
    this.#base = record.text('latin1') || null
    this.#status = record.text('utf8') || null
    this.#userId = record.text('utf8')
    const count = Number(record.text('latin1'))
    for (let at = 0; at < count; at++) this.#fields.push(record.text(at % 2 === 0 ? 'utf8' : 'latin1'))
  }

  /** Packs it as lua/check.lua and lua/reconcile.lua read it. */
  push(packer: FramePacker, jobId: string): void {
    packer.pushText(jobId)
    const isLive = this.#status !== null
    const count = this.#fields.length + 4 + (isLive ? 8 : 0) + (this.#base === null ? 0 : 2)
    packer.pushText(String(count))
    pushPair(packer, '@version', String(this.#version))
    pushPair(packer, '@event', this.#event)
    if (isLive) {
      pushPair(packer, 'status', this.#status as string)
      pushPair(packer, 'userId', this.#userId)
      pushPair(packer, 'createdAt', new Date(this.#createdMs).toISOString())
      pushPair(packer, 'expiresAt', new Date(this.#expiresMs).toISOString())
    }
    if (this.#base !== null) {
      packer.pushText('@base')
      packer.pushLatin1(REFERENCE_MARK + this.#base)
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

  #fold([id, values]: StreamEntry): void {
    const { type, stamp } = readType(textOf(values[FIELD.type]))
    this.#version = Number(textOf(values[FIELD.version]))
    this.#event = id.toString('latin1')
    if (isWhole({ type })) this.#begin(type === 'created' || type === 'snapshotted', values)
    else if (this.isCertain && this.#status !== null) this.#change(values, stamp)
  }

  /** An event that stands for the whole job. */
  #begin(isLive: boolean, values: readonly Buffer[]): void {
    this.isCertain = true
    this.#base = null
    this.#fields = []
    this.#places = null
    this.#status = null
    this.#userId = isLive ? this.#context.texts.one(textOf(values[FIELD.user])) : ''
    if (!isLive) return
    const data = values[FIELD.data] as Buffer
    const spans = fieldSpans(data)
    let ownBytes = 0
    for (let at = 0; at < spans.length; at += 4)
      if (!isPlain(this.#name(data, spans, at))) ownBytes += (spans[at + 3] as number) - (spans[at + 2] as number)
    if (ownBytes > this.#context.inlineBytes) this.#base = this.#event
    for (let at = 0; at < spans.length; at += 4) {
      const name = this.#name(data, spans, at)
      if (isPlain(name) || this.#base === null) this.#set(name, data.subarray(spans[at + 2], spans[at + 3]))
    }
  }

  #change(values: readonly Buffer[], stamp: string | null): void {
    const data = values[FIELD.data] as Buffer
    const spans = fieldSpans(data)
    for (let at = 0; at < spans.length; at += 4)
      this.#set(this.#name(data, spans, at), data.subarray(spans[at + 2], spans[at + 3]))
    if (stamp !== null) this.#write(stamp, new Date(timeOf(this.#event)).toISOString())
    const removed = values[FIELD.removed] as Buffer
    if (removed.length === 0) return
    for (const name of decodeNames(removed))
      if (this.#base === null || isPlain(name)) this.#remove(name)
      else this.#write(hashName(name), REFERENCE_MARK)
  }

  #name(data: Buffer, spans: readonly number[], at: number): string {
    return this.#context.texts.one(data.toString('utf8', spans[at], spans[at + 1]))
  }

  #set(name: string, value: Buffer): void {
    const { texts, inlineBytes } = this.#context
    if (name === 'status') this.#status = texts.one(String(decodeValue(value)))
    else if (name === 'userId') this.#userId = texts.one(String(decodeValue(value)))
    else if (name === 'createdAt') this.#createdMs = msIn(value)
    else if (name === 'expiresAt') this.#expiresMs = msIn(value)
    else if (isPlain(name)) this.#write(name, new Date(msIn(value)).toISOString())
    else if (value.length > inlineBytes) this.#write(hashName(name), REFERENCE_MARK + this.#event)
    else this.#write(hashName(name), isDate(value) ? new Date(msIn(value)).toISOString() : value.toString('latin1'))
  }

  #write(name: string, value: string): void {
    const at = this.#indexOf(name)
    if (at >= 0) {
      this.#fields[at + 1] = value
      return
    }
    this.#places?.set(name, this.#fields.length)
    this.#fields.push(name, value)
  }

  /** The last one takes its place. */
  #remove(field: string): void {
    const name = hashName(field)
    const at = this.#indexOf(name)
    if (at < 0) return
    const [last, value] = this.#fields.splice(-2) as [string, string]
    this.#places?.delete(name)
    if (at === this.#fields.length) return
    this.#fields[at] = last
    this.#fields[at + 1] = value
    this.#places?.set(last, at)
  }

  #indexOf(name: string): number {
    if (this.#fields.length > MANY) return this.#placeOf(name)
    for (let at = 0; at < this.#fields.length; at += 2) if (this.#fields[at] === name) return at
    return -1
  }

  #placeOf(name: string): number {
    if (this.#places === null) {
      this.#places = new Map()
      for (let at = 0; at < this.#fields.length; at += 2) this.#places.set(this.#fields[at] as string, at)
    }
    return this.#places.get(name) ?? -1
  }
}

function pushPair(packer: FramePacker, name: string, value: string): void {
  packer.pushText(name)
  packer.pushText(value)
}

function textOf(value: Buffer | undefined): string {
  return (value as Buffer).toString()
}

/** Whether it is a msgpack timestamp: an extension of type -1, of 4, 8 or 12 bytes. */
function isDate(value: Buffer): boolean {
  const first = value[0]
  return value[first === 0xc7 ? 2 : 1] === 0xff && (first === 0xd6 || first === 0xd7 || first === 0xc7)
}

/** @throws TypeError for what is no date */
function msIn(value: Buffer): number {
  const date = decodeValue(value)
  if (!(date instanceof Date) || Number.isNaN(date.getTime())) throw new TypeError('no date')
  return date.getTime()
}
