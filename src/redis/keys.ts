/** The names of one partition's keys, all in one hash slot. lua/lib/keys.lua says the same; a test holds the two together. */
export interface PartitionKeys {
  /** What all of them begin with. */
  base: string
  meta: string
  events: string
  counts: string
  expiry: string
  job(id: string): string
  user(userId: string): string
  userStatus(userId: string, status: string): string
  writer(writerId: string): string
  command(jobId: string, commandId: string): string
}

/** Fixed words first, a user's text last, a length in bytes between two of them: no two places share a name. */
export function keysOf(prefix: string, partition: number): PartitionKeys {
  const base = `{${prefix}:${partition}}:`
  return {
    base,
    meta: `${base}meta`,
    events: `${base}events`,
    counts: `${base}counts`,
    expiry: `${base}expiry`,
    job: (id) => `${base}job:${id}`,
    user: (userId) => `${base}user:${userId}`,
    userStatus: (userId, status) => `${base}user-status:${Buffer.byteLength(status)}:${status}:${userId}`,
    writer: (writerId) => `${base}writer:${writerId}`,
    command: (jobId, commandId) => `${base}command:${Buffer.byteLength(jobId)}:${jobId}:${commandId}`,
  }
}

/**
 * A key beside a meta key that is never there, and which every script is given. While a slot is moved from one node of a
 * Cluster to another, its keys are on both: a script would take those on the other side for gone. A call that names a key
 * that is missing is sent on by the old node, and by the new one asked to come again (TRYAGAIN), until all are there.
 */
export function absentBeside(keyMeta: string): string {
  return `${keyMeta.slice(0, -'meta'.length)}absent`
}
