import { plainJson } from '../../plain-json.ts'
import { escapeUnprintable } from '../../core/printable.ts'

/**
 * A value of a store as JSON, for programs to read. Pure ASCII where a terminal would take it for more than text.
 * @param indent spaces a level; default 0: on one line
 */
export function jsonOf(value: unknown, indent: number = 0): string {
  return escapeUnprintable(plainJson(value, indent))
}
