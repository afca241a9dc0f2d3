import type { JobCore, JobStatus } from '../../src/index.ts'
import { InputError, linesOf } from './lines.ts'
import { cut } from '../../src/cli/terminal/text.ts'
import { printable } from '../../src/core/printable.ts'

/** One job of a trace, and the line that it stands on. */
export interface Entry {
  line: number
  id: string
  user: string
  startedAt: Date
  /** null: not known. */
  runSeconds: number | null
  /** All other fields of the line. */
  own: Record<string, unknown>
}

/** A trace's job as the store keeps it. */
export interface TraceJob extends JobCore {
  status: JobStatus
  runSeconds: number
  [field: string]: unknown
}

/** What a trace holds, from one reading. */
export interface Survey {
  jobs: number
  users: number
  from: Date
  to: Date
}

/** Of what stands in the place of something else. */
const LONGEST_SHOWN = 60

/** The jobs of a trace, in the file's order. @throws InputError naming the line */
export async function* entriesOf(path: string): AsyncGenerator<Entry> {
  for await (const { number, text } of linesOf(path)) {
    const problem = (message: string): InputError => new InputError(`${path}, line ${number}: ${message}`)
    yield readEntry(number, parseLine(text, problem), problem)
  }
}

/** Reads a trace once through, so that a bad line is known before anything is stored. @throws InputError */
export async function survey(path: string): Promise<Survey> {
  const users = new Set<string>()
  let jobs = 0
  let from = Infinity
  let to = -Infinity
  for await (const { user, startedAt } of entriesOf(path)) {
    jobs++
    users.add(user)
    from = Math.min(from, startedAt.getTime())
    to = Math.max(to, startedAt.getTime())
  }
  if (jobs === 0) throw new InputError(`${path}: expected one job a line, found none.`)
  return { jobs, users: users.size, from: new Date(from), to: new Date(to) }
}

type Problem = (message: string) => InputError

function parseLine(text: string, problem: Problem): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw problem(`expected a JSON object, got ${show(text)}.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw problem(`expected a JSON object, got ${show(text)}.`)
  return value as Record<string, unknown>
}

function readEntry(line: number, fields: Record<string, unknown>, problem: Problem): Entry {
  const { id, user, start, runSeconds, ...own } = fields
  const seconds = readNumber('start', start, 'Unix seconds', problem)
  const startedAt = new Date(seconds * 1000)
  if (Number.isNaN(startedAt.getTime())) throw problem(`start: expected Unix seconds, got ${seconds}.`)
  const ran = readNumber('runSeconds', runSeconds, 'seconds, or -1 if not known', problem)
  if (ran < 0 && ran !== -1) throw problem(`runSeconds: expected seconds, or -1 if not known, got ${ran}.`)
  return {
    line,
    id: readName('id', id, problem),
    user: readName('user', user, problem),
    startedAt,
    runSeconds: ran === -1 ? null : ran,
    own,
  }
}

/** Some traces number their jobs and users. */
function readName(field: string, value: unknown, problem: Problem): string {
  const name = Number.isSafeInteger(value) ? String(value) : value
  if (typeof name === 'string' && name.isWellFormed() && name !== '' && Buffer.byteLength(name) <= 512) return name
  throw problem(`${field}: expected text of 1 to 512 bytes, got ${show(value)}.`)
}

function readNumber(field: string, value: unknown, expected: string, problem: Problem): number {
  if (typeof value === 'number') return value
  throw problem(`${field}: expected a number (${expected}), got ${show(value)}.`)
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : cut(printable(JSON.stringify(value)), LONGEST_SHOWN)
}
