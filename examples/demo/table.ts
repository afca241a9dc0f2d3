import type { Screen } from './screen.ts'
import { fit, widthOf, wrap } from './text.ts'

/** A column of a table. */
export interface Column {
  title: string
  align?: 'left' | 'right'
}

const GAP = '  '
const MARGIN = '  '
/** A column that wraps is never made narrower. */
const LEAST_WIDTH = 16

/**
 * Prints rows under their titles. Each column is as wide as its widest cell; if that is too much for the screen, the widest
 * columns give way and wrap.
 * @param style how a row is to be painted as a whole, by its number
 */
export function printTable(
  screen: Screen,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: (row: number) => 'dim' | 'bold' | 'green' | 'red' | 'yellow' | 'cyan' | null = () => null,
): void {
  const widths = widthsOf(columns, rows, screen.width - MARGIN.length)
  const render = (cells: readonly string[]): string[] => renderRow(columns, cells, widths)
  for (const line of render(columns.map(({ title }) => title))) screen.print(screen.style('dim', line))
  screen.print(screen.style('dim', MARGIN + widths.map((width) => '─'.repeat(width)).join(GAP)))
  for (const [index, row] of rows.entries()) {
    const painted = style(index)
    for (const line of render(row)) screen.print(painted === null ? line : screen.style(painted, line))
  }
}

function renderRow(columns: readonly Column[], cells: readonly string[], widths: readonly number[]): string[] {
  const wrapped = widths.map((width, column) => wrap(cells[column] ?? '', width))
  const height = Math.max(...wrapped.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) => {
    const parts = widths.map((width, column) => fit(wrapped[column]?.[line] ?? '', width, columns[column]?.align))
    return (MARGIN + parts.join(GAP)).trimEnd()
  })
}

function widthsOf(columns: readonly Column[], rows: readonly (readonly string[])[], most: number): number[] {
  const widths = columns.map(({ title }, column) =>
    Math.max(...[title, ...rows.map((row) => row[column] ?? '')].map(widthOf)),
  )
  const sum = (): number => widths.reduce((total, width) => total + width, GAP.length * (widths.length - 1))
  while (sum() > most) {
    const widest = widths.indexOf(Math.max(...widths))
    if ((widths[widest] ?? 0) <= LEAST_WIDTH) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}
