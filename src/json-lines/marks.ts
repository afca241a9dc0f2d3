import { InvalidJobError } from '../core/errors.ts'
import { isPlainObject } from '../core/value.ts'

/** Objects and arrays inside one another: more than any value that can be stored has, and far from the end of the stack. */
const MAX_DEPTH = 128

/** Numbers that JSON has no word for. */
const NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
])

/**
 * Makes JSON of a value that a store keeps: what JSON can't hold becomes an object with one marked name, `{"$date": …}`,
 * `{"$bytes": …}`, `{"$bigint": …}` or `{"$number": …}`. Names of the user's own that begin with `$` get one more.
 * @param field names the value in the error
 * @throws InvalidJobError for what no store keeps: JSON would leave it out without a word
 */
export function mark(value: unknown, field: string): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: nameOf(value) }
    case 'bigint':
      return { $bigint: String(value) }
    case 'object':
      return value === null ? null : markObject(value, field)
    case 'undefined':
    case 'function':
    case 'symbol':
      throw InvalidJobError.of(field, 'values that can be stored', value)
  }
}

function nameOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function markObject(value: object, field: string): unknown {
  if (Array.isArray(value)) return value.map((item) => mark(item, field))
  if (value instanceof Date) return { $date: value.toISOString() }
  if (Buffer.isBuffer(value)) return { $bytes: value.toString('base64') }
  if (!isPlainObject(value) || Object.hasOwn(value, '__proto__'))
    throw InvalidJobError.of(field, 'values that can be stored', value)
  const marked: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) marked[name.startsWith('$') ? `$${name}` : name] = mark(item, field)
  return marked
}

/**
 * Makes the value again, as new objects. Only what {@link mark} writes is taken: then no two texts stand for one value.
 * @param path names the value in the error
 * @throws InvalidJobError naming the path of what is no mark, no number, too deep, or named `__proto__`
 */
export function unmark(value: unknown, path: string, depth = 0): unknown {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw InvalidJobError.of(path, 'a number that fits into 64 bits', value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) throw InvalidJobError.of(path, `at most ${MAX_DEPTH} levels`, value)
  if (Array.isArray(value)) return value.map((item, index) => unmark(item, `${path}[${index}]`, depth + 1))
  const names = Object.keys(value)
  const marked = names.find((name) => name.startsWith('$') && !name.startsWith('$$'))
  if (marked !== undefined) return readMark(value as Record<string, unknown>, marked, names.length, path)
  const plain: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) {
    const own = name.startsWith('$') ? name.slice(1) : name
    if (own === '__proto__') throw InvalidJobError.of(`${path}.__proto__`, 'another name', name)
    plain[own] = unmark(item, `${path}.${own}`, depth + 1)
  }
  return plain
}

function readMark(value: Record<string, unknown>, name: string, names: number, path: string): unknown {
  if (names > 1) throw InvalidJobError.of(`${path}.${name}`, 'to stand alone, or `$$` for a name of your own', value)
  const text = value[name]
  const read = typeof text === 'string' ? MARKS.get(name)?.(text) : undefined
  if (read === undefined) throw InvalidJobError.of(`${path}.${name}`, 'one of the marks of this format', text)
  return read
}

/** What each mark stands for; undefined for a text that it does not write. */
const MARKS: ReadonlyMap<string, (text: string) => unknown> = new Map<string, (text: string) => unknown>([
  ['$date', readDate],
  ['$bytes', readBytes],
  ['$bigint', readBigint],
  ['$number', (text) => NUMBERS.get(text)],
])

/** Reads a date as Date.toISOString() writes it; undefined for any other text. */
export function readDate(text: string): Date | undefined {
  const date = new Date(text)
  return !Number.isNaN(date.getTime()) && date.toISOString() === text ? date : undefined
}

function readBytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/** At most 20 digits: a bigint has 64 bits, and millions of digits would hold everything up. */
function readBigint(text: string): bigint | undefined {
  if (!/^-?\d{1,20}$/.test(text)) return undefined
  const value = BigInt(text)
  return String(value) === text ? value : undefined
}
