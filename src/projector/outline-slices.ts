import type { Position } from '../core/cursor.ts'
import type { Outline, OutlinePage, Outlines } from '../outlines.ts'
import { logSlices, type Walk } from './log-slices.ts'

/** The jobs that one partition's log names up to a position, each with its outline there, slice by slice. */
export function outlineSlices(
  outlines: Outlines,
  partition: number,
  walk: Walk<OutlinePage>,
): AsyncGenerator<Map<string, Outline>> {
  const scan = (after: Position): Promise<OutlinePage> => outlines.scan(partition, after)
  return logSlices({ scan, bytesOf: ({ bytes }: Outline) => bytes }, walk)
}
