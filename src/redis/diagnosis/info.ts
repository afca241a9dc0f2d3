/** Reads INFO's lines: `name:value`. */
export function parseInfo(text: string): Map<string, string> {
  const lines = text.split(/\r?\n/).map((line) => /^([^#:]+):(.*)$/.exec(line))
  return new Map(lines.flatMap((line) => (line?.[1] === undefined ? [] : [[line[1], line[2] ?? '']])))
}

/** A field that is a number; null if it is not there. */
export function numberOf(info: ReadonlyMap<string, string>, name: string): number | null {
  const value = info.get(name)
  return value === undefined || value === '' || Number.isNaN(Number(value)) ? null : Number(value)
}

/** Whether a field has a value; null if it is not there. */
export function isValue(info: ReadonlyMap<string, string>, name: string, expected: string): boolean | null {
  const value = info.get(name)
  return value === undefined ? null : value === expected
}
