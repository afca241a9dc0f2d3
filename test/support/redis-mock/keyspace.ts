/** Where an ioredis-mock keeps its keys, as its commands use it. */
export interface Keyspace {
  get(key: string): unknown
  set(key: string, value: unknown): void
  has(key: string): boolean
  delete(key: string): void
  clear(): void
  keys(): string[]
}

/** Which keys have a time to live, as ioredis-mock keeps it. */
export interface Expiries {
  has(key: string): boolean
  isExpired(key: string): boolean
  delete(key: string): void
}

/** The mock's own copies a whole key at each touch: 10,000 jobs of a user would take minutes. */
export function keyspace(expires: Expiries): Keyspace {
  const values = new Map<string, unknown>()
  const remove = (key: string): void => {
    values.delete(key)
    expires.delete(key)
  }
  const has = (key: string): boolean => {
    if (expires.has(key) && expires.isExpired(key)) remove(key)
    return values.has(key)
  }
  return {
    has,
    get: (key) => (has(key) ? values.get(key) : undefined),
    set: (key, value) => void values.set(key, value),
    delete: remove,
    clear: () => values.clear(),
    keys: () => [...values.keys()].filter(has),
  }
}
