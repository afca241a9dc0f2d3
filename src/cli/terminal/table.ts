import type { Screen } from './screen.ts'
import { printable } from '../../core/printable.ts'
import { fit, widthOf, wrap } from './text.ts'

/** A column of a table. */
export interface Column {
  title: string
  align?: 'left' | 'right'
}

/** How a row may be painted as a whole. */
export type Paint = 'dim' | 'bold' | 'green' | 'red' | 'yellow' | 'cyan'

/** Rows under titles. */
export interface Table {
  columns: readonly Column[]
  rows: readonly (readonly string[])[]
  /** The paint of a row, by its number; null for none. */
  paint?: (row: number) => Paint | null
}

const GAP = '  '
const MARGIN = '  '
/** A column that wraps is never made narrower. */
const LEAST_WIDTH = 16

/**
 * Prints a table, each cell without what could steer a terminal. Each column is as wide as its widest cell; if that is too
 * much for the screen, the widest columns give way and wrap.
 */
export function printTable(screen: Screen, { columns, rows, paint = () => null }: Table): void {
  const cells = rows.map((row) => row.map(printable))
  const titles = columns.map(({ title }) => printable(title))
  const widths = widthsOf(titles, cells, screen.width - MARGIN.length)
  const render = (row: readonly string[]): string[] => renderRow(columns, row, widths)
  for (const line of render(titles)) screen.print(screen.style('dim', line))
  screen.print(screen.style('dim', MARGIN + widths.map((width) => '─'.repeat(width)).join(GAP)))
  for (const [index, row] of cells.entries()) {
    const painted = paint(index)
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

function widthsOf(titles: readonly string[], rows: readonly (readonly string[])[], most: number): number[] {
  const widths = titles.map(widthOf)
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell))
  const sum = (): number => widths.reduce((total, width) => total + width, GAP.length * (widths.length - 1))
  while (sum() > most) {
    const widest = widths.indexOf(Math.max(...widths))
    if ((widths[widest] ?? 0) <= LEAST_WIDTH) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}
