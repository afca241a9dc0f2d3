/** Figures as they are shown: on a terminal, and in Markdown. */
export interface Table {
  title: string
  /** Above each column; the first one names the rows. */
  head: readonly string[]
  rows: readonly (readonly string[])[]
  /** Lines below. */
  notes?: readonly string[]
}

export function textOf({ title, head, rows, notes = [] }: Table): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((cells) => (cells[column] ?? '').length)))
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)
  return [title, ...all.map((cells) => `  ${cells.map(pad).join('  ')}`), ...notes.map((note) => `  ${note}`)].join(
    '\n',
  )
}

export function markdownOf({ head, rows, notes = [] }: Table): string {
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'))
  return [line(head), line(rule), ...rows.map(line), ...notes.flatMap((note) => ['', note])].join('\n')
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
