export const BACKENDS = ['memory', 'sqlite', 'redis'] as const
export type BackendName = (typeof BACKENDS)[number]
/** Programs that do the same, or as much of it as they can. */
export const PEERS = ['plain ioredis', 'BullMQ', 'bee-queue'] as const
/** What nothing can be quicker than, whatever it does besides. */
export const FLOORS = ['ioredis SET', 'ioredis EVALSHA', 'same calls by redis-cli'] as const
/** The same for our store on SQLite. */
export const SQLITE_FLOOR = 'better-sqlite3 loop'

export type ContenderKind = BackendName | (typeof PEERS)[number] | (typeof FLOORS)[number] | typeof SQLITE_FLOOR
