/** What can be done to one job: two registers, `value` and `note`, with a version over both. */
export type Call =
  | { verb: 'create'; value: number }
  | { verb: 'setValue'; value: number; expected?: number }
  | { verb: 'setNote'; value: number; expected?: number }
  | { verb: 'delete' }
  | { verb: 'read' }

/** One call of one client. */
export interface Operation {
  call: Call
  /** As answerOf() says it; null if it is not known: it may take effect at any time from its start on, or never. */
  answer: string | null
  /** In milliseconds, by one clock. */
  startMs: number
  endMs: number
}

/** A job as the specification knows it. A version goes on after a deletion. */
interface State {
  isLive: boolean
  version: number
  value: number
  note: number
}

const NEVER_USED: State = { isLive: false, version: 0, value: 0, note: 0 }

/**
 * Whether the calls on one job can be put in an order that is theirs in time, where they did not overlap, and gives each
 * its answer: the search of Wing and Gong, which remembers what led nowhere.
 */
export function isLinearizable(operations: readonly Operation[]): boolean {
  const deadEnds = new Set<string>()
  const search = (done: bigint, state: State): boolean => {
    const left = operations.filter((_, index) => (done & (1n << BigInt(index))) === 0n)
    const known = left.filter(({ answer }) => answer !== null)
    if (known.length === 0) return true
    const key = `${done} ${JSON.stringify(state)}`
    if (deadEnds.has(key)) return false
    const firstEndMs = Math.min(...known.map(({ endMs }) => endMs))
    for (const [index, { call, answer, startMs }] of operations.entries()) {
      const bit = 1n << BigInt(index)
      if ((done & bit) !== 0n || startMs > firstEndMs) continue
      const [next, given] = perform(state, call)
      if ((answer === null || answer === given) && search(done | bit, next)) return true
    }
    deadEnds.add(key)
    return false
  }
  return search(0n, NEVER_USED)
}

/** What a call answers, and the job after it. */
function perform(state: State, call: Call): [State, string] {
  switch (call.verb) {
    case 'read':
      return [state, state.isLive ? `v${state.version} ${fieldsOf(state)}` : 'none']
    case 'create':
      if (state.isLive) return [state, 'exists']
      return [{ isLive: true, version: state.version + 1, value: call.value, note: 0 }, 'done']
    case 'delete':
      if (!state.isLive) return [state, 'none']
      return [{ ...state, isLive: false, version: state.version + 1 }, 'done']
    case 'setValue':
    case 'setNote': {
      if (!state.isLive) return [state, 'none']
      if (call.expected !== undefined && call.expected !== state.version) return [state, `conflict v${state.version}`]
      const field = call.verb === 'setValue' ? 'value' : 'note'
      const next = { ...state, version: state.version + 1, [field]: call.value }
      return [next, fieldsOf(next)]
    }
  }
}

/** The two registers, as answers show them. */
export function fieldsOf({ value, note }: { value: number; note: number }): string {
  return `${value}/${note}`
}
