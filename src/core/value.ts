import { InvalidJobError } from './errors.ts'

/** Objects and arrays inside one another. Deeper is almost always a cycle through a proxy, or hostile. */
const MAX_DEPTH = 100

/** Where a value stands: written out only for an error, since most values are fine and there are many. */
interface Place {
  key: string | number
  inside: Place | null
  depth: number
}

/**
 * Copies a value that is about to be stored, and refuses what would not come back equal from every backend.
 *
 * Stored: null, booleans, numbers (-0 as 0), bigints of 64 bits, well-formed strings, valid Dates, Buffers, arrays and
 * plain objects of these.
 * @param field names the value in the error; what stands inside is named like `options.codec[2]`
 * @throws InvalidJobError naming the path of the first value that can't be stored
 */
export function copyStorable(value: unknown, field: string): unknown {
  return copyAt(value, field, null)
}

function copyAt(value: unknown, key: string | number, inside: Place | null): unknown {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw refused(key, inside, 'text without lone surrogates', value)
      return value
    case 'number':
      return value === 0 ? 0 : value
    case 'boolean':
      return value
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value)
        throw refused(key, inside, 'a bigint of 64 bits', value)
      return value
    case 'object':
      return value === null ? null : copyObject(value, key, inside)
    case 'undefined':
      throw refused(key, inside, 'a value (leave the field out, or give null)', value)
    case 'function':
    case 'symbol':
      throw refused(key, inside, 'a value that can be stored', value)
  }
}

function copyObject(value: object, key: string | number, inside: Place | null): unknown {
  const depth = inside === null ? 0 : inside.depth + 1
  if (depth >= MAX_DEPTH) throw refused(key, inside, `at most ${MAX_DEPTH} levels and no cycle`, value)
  const place: Place = { key, inside, depth }
  if (Array.isArray(value)) {
    const copy: unknown[] = []
    for (let index = 0; index < value.length; index++) copy.push(copyAt(value[index], index, place))
    refuseNames(value, place)
    return copy
  }
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw refused(key, inside, 'a valid Date', value)
    return new Date(value.getTime())
  }
  if (Buffer.isBuffer(value)) return Buffer.from(value)
  if (!isPlainObject(value)) throw refused(key, inside, 'a plain object, array, Date or Buffer', value)
  refuseSymbols(value, key, inside)
  // Cloned at once and then mended: field by field costs twice as much, and a list of the names.
  const copy: Record<string, unknown> = { ...value }
  for (const name in copy) {
    if (!isOwn(copy, name)) continue
    refuseName(name, place)
    copy[name] = copyAt(copy[name], name, place)
  }
  return copy
}

/**
 * The names of a job's own fields.
 * @throws InvalidJobError for a symbol, a name that is not well-formed, or `__proto__`
 */
export function fieldsOf(value: object): string[] {
  refuseSymbols(value, '', null)
  const names = Object.keys(value)
  for (const name of names) refuseName(name, null)
  return names
}

function refuseSymbols(value: object, key: string | number, inside: Place | null): void {
  if (Object.getOwnPropertySymbols(value).length > 0) throw refused(key, inside, 'no symbols among the names', value)
}

/** Of an array that has all its items: a value more is a name's. Items' own names, which keys() makes, cost many times as much. */
function refuseNames(array: unknown[], place: Place): void {
  refuseSymbols(array, place.key, place.inside)
  if (Object.values(array).length === array.length) return
  const name = Object.keys(array)[array.length] as string
  throw refused(
    name,
    place,
    'no names beside the items of an array',
    (array as unknown as Record<string, unknown>)[name],
  )
}

function refuseName(name: string, place: Place | null): void {
  if (name === '__proto__' || !name.isWellFormed())
    throw refused(name, place, 'a name other than __proto__, without lone surrogates', name)
}

/** Whether a value is an object made by a literal (or without a prototype), not an instance of some class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Copies a value that copyStorable has let through, so that whoever gets it may change it. */
export function copyValue<T>(value: T): T
export function copyValue(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? copyInstance(value) : value
}

function copyInstance(value: object): unknown {
  // Most are plain objects, which this tells at once.
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    if (value instanceof Date) return new Date(value.getTime())
    if (Array.isArray(value)) return value.map((item) => copyValue<unknown>(item))
    if (Buffer.isBuffer(value)) return Buffer.from(value)
  }
  // Cloned at once and then mended: field by field costs twice as much.
  const copy: Record<string, unknown> = { ...value }
  for (const key in copy) {
    const item = copy[key]
    if (typeof item === 'object' && item !== null && isOwn(copy, key)) copy[key] = copyInstance(item)
  }
  return copy
}

/**
 * Whether a name that a loop over an object meets is the object's own, and not one that somebody put on Object.prototype. As
 * Object.hasOwn(), which would be 8% of a copy: in such a loop V8 does this one for nothing.
 */
export function isOwn(value: object, name: string): boolean {
  return Object.prototype.hasOwnProperty.call(value, name)
}

function refused(key: string | number, inside: Place | null, expected: string, value: unknown): InvalidJobError {
  return InvalidJobError.of(pathOf(key, inside), expected, value)
}

/** Like `options.codec[2]`. */
function pathOf(key: string | number, inside: Place | null): string {
  if (inside === null) return String(key)
  const path = pathOf(inside.key, inside.inside)
  return typeof key === 'number' ? `${path}[${key}]` : `${path}.${key}`
}
