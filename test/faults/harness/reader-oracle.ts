/**
 * O3: what a reader got is a slice of the log, each partition's in its order: nothing twice, nothing left out.
 * @param name the reader's
 * @param read ids of events, as they came
 * @param log ids of all that it was to get, as they stand there
 */
export function compareWithSlice(name: string, read: readonly string[], log: readonly string[]): string[] {
  const violations: string[] = []
  const [got, wanted] = [byPartition(read), byPartition(log)]
  for (const partition of new Set([...got.keys(), ...wanted.keys()])) {
    const [ids, own] = [got.get(partition) ?? [], wanted.get(partition) ?? []]
    const at = own.findIndex((id, index) => ids[index] !== id)
    const where = at < 0 ? own.length : at
    if (at >= 0 || ids.length > own.length)
      violations.push(
        `O3: ${name} got ${ids.length} of ${own.length} events of partition ${partition}; number ${where} is ${ids[where] ?? 'none'} instead of ${own[where] ?? 'none'}`,
      )
  }
  return violations
}

/** An event's id begins with its partition. */
function byPartition(ids: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const id of ids) {
    const partition = id.slice(0, id.indexOf('-'))
    const group = groups.get(partition)
    if (group === undefined) groups.set(partition, [id])
    else group.push(id)
  }
  return groups
}
