import { InvalidJobError } from './errors.ts'

/** Objects and arrays inside one another. Deeper is almost always a cycle through a proxy, or hostile. */
const MAX_DEPTH = 100

/**
 * Copies a value that is about to be stored, and refuses what would not come back equal from every backend.
 *
 * Stored: null, booleans, numbers (-0 as 0), bigints of 64 bits, well-formed strings, valid Dates, Buffers, arrays and
 * plain objects of these.
 * @param path names the value in the error, like `options.codec`
 * @throws InvalidJobError naming the path of the first value that can't be stored
 */
export function copyStorable(value: unknown, path: string, depth = 0): unknown {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw refused(path, 'text without lone surrogates', value)
      return value
    case 'number':
      return value === 0 ? 0 : value
    case 'boolean':
      return value
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value)
        throw refused(path, 'a bigint of 64 bits', value)
      return value
    case 'object':
      return value === null ? null : copyObject(value, path, depth)
    case 'undefined':
      throw refused(path, 'a value (leave the field out, or give null)', value)
    case 'function':
    case 'symbol':
      throw refused(path, 'a value that can be stored', value)
  }
}

function copyObject(value: object, path: string, depth: number): unknown {
  if (depth >= MAX_DEPTH) throw refused(path, `at most ${MAX_DEPTH} levels and no cycle`, value)
  if (Array.isArray(value)) {
    const copy: unknown[] = []
    for (let index = 0; index < value.length; index++)
      copy.push(copyStorable(value[index], `${path}[${index}]`, depth + 1))
    return copy
  }
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw refused(path, 'a valid Date', value)
    return new Date(value.getTime())
  }
  if (Buffer.isBuffer(value)) return Buffer.from(value)
  if (!isPlainObject(value)) throw refused(path, 'a plain object, array, Date or Buffer', value)
  const copy: Record<string, unknown> = {}
  for (const key of ownKeys(value, path)) copy[key] = copyStorable(value[key], `${path}.${key}`, depth + 1)
  return copy
}

/**
 * The names of a plain object's own fields.
 * @throws InvalidJobError for a symbol, a name that is not well-formed, or `__proto__`
 */
export function ownKeys(value: object, path: string): string[] {
  if (Object.getOwnPropertySymbols(value).length > 0) throw refused(path, 'no symbols among the names', value)
  const keys = Object.keys(value)
  for (const key of keys)
    if (key === '__proto__' || !key.isWellFormed())
      throw refused(path === '' ? key : `${path}.${key}`, 'a name other than __proto__, without lone surrogates', key)
  return keys
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
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => copyValue<unknown>(item))
  if (value instanceof Date) return new Date(value.getTime())
  if (Buffer.isBuffer(value)) return Buffer.from(value)
  const copy: Record<string, unknown> = {}
  for (const key in value) copy[key] = copyValue((value as Record<string, unknown>)[key])
  return copy
}

function refused(path: string, expected: string, value: unknown): InvalidJobError {
  return new InvalidJobError(path, expected, value)
}
