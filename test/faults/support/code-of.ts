/** An error's code, also of a mutated package, whose classes are others; else what it is, as text. */
export function codeOf(ending: unknown): string {
  return (ending as { code?: string } | null)?.code ?? String(ending)
}
