/**
 * A value of a store as JSON: Dates as ISO 8601, bigints and numbers that JSON has no form for as text, Buffers as base64.
 * @param indent spaces a level; default 0: on one line
 */
export function plainJson(value: unknown, indent: number = 0): string {
  return JSON.stringify(value, replace, indent) ?? 'null'
}

/** JSON.stringify has called a Buffer's toJSON before it asks; `this` still holds the Buffer itself. */
function replace(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key]
  if (Buffer.isBuffer(original)) return original.toString('base64')
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return value
}
