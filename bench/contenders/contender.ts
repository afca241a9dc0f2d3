/** What is measured. `findByIdCold` reads jobs that the store instance has never seen. */
export const VERBS = [
  'updateProgress',
  'findById',
  'findByIdCold',
  'findByUserId',
  'countByStatus',
  'history',
  'create',
] as const
export type Verb = (typeof VERBS)[number]

/** Where contenders keep their jobs. */
export interface Place {
  /** The redis-server. */
  url: string
  /** For files. */
  folder: string
}

/** One verb of one contender, ready to run. */
export interface Task {
  /** One call. Turns count from 0; a call may resolve with whatever shows that it did its work. */
  run: (turn: number) => Promise<unknown>
  /** Calls that one turn makes; default 1. */
  callsATurn?: number
  /** More turns than this it can't take; default no limit. */
  maxTurns?: number
  /** More calls in flight than this would measure memory and not the verb; default no limit. */
  maxInFlight?: number
  /** Frees what the task alone needed. */
  end?: () => Promise<void>
}

/** Something that keeps jobs. Each is filled with the same records, and then asked for one verb after the other. */
export interface Contender {
  readonly name: string
  /** Whether its work is done by the redis-server of this run, so that the server's time is its own. */
  readonly isOnServer: boolean
  /** Stores the jobs that all verbs but `create` work on. */
  fill(): Promise<void>
  /** Begins a verb anew, once a round; null if the contender has nothing like it with so many calls in flight. */
  begin(verb: Verb, inFlight: number): Promise<Task | null>
  close(): Promise<void>
}
