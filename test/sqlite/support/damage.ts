import { decodeValue, encodeValue } from '../../../src/codec.ts'
import type { Drift } from '../../../src/contract.ts'
import type { JobFields } from '../../../src/core/job.ts'
import type { Connection } from '../../../src/sqlite/driver.ts'
import { aJob } from '../../contract/jobs.ts'

/** One kind of drift, made by hand in a store with the jobs of createEveryHistory. */
export interface Damage {
  name: string
  make: (connection: Connection) => void
  /** What verify() must say, in its order; each with the facts that matter. */
  drift: Partial<Drift>[]
}

const JOB = { jobId: 'changed', userId: 'user-1' }

/** Every kind of drift that hands can make in the tables of jobs and counts. */
export const DAMAGES: readonly Damage[] = [
  ...bodies(),
  ...rows(),
  ...columns(),
  ...columnsOfTheEnded(),
  ...counts(1),
  ...counts(-2),
  ...counts(1000),
]

function bodies(): Damage[] {
  const change = (name: string, edit: (job: JobFields) => void, drift: Partial<Drift>[]): Damage => {
    return { name: `a body ${name}`, make: (connection) => editBody(connection, JOB.jobId, edit), drift }
  }
  const field = (name: string, facts: Partial<Drift> = {}): Partial<Drift> => {
    return { kind: 'field', jobId: JOB.jobId, field: name, ...facts }
  }
  const fields = ['progress', 'retryCount', 'maxRetries', 'createdAt', 'expiresAt', 'id', 'userId', 'status']
  const garbage = (name: string, bytes: Buffer): Damage => {
    const all = [...fields, 'note', 'big', 'bytes', 'queuedAt', 'startedAt']
    return {
      name: `a body of ${name}`,
      make: (connection) => connection.prepare('UPDATE jobs SET body = ? WHERE id = ?').run(bytes, JOB.jobId),
      drift: all.sort().map((each) => field(each, { actual: undefined })),
    }
  }
  return [
    change('with a field changed', (job) => (job['note'] = 'wrong'), [field('note', { actual: 'wrong' })]),
    change('with a field too many', (job) => (job['more'] = 1), [field('more', { expected: undefined, actual: 1 })]),
    change('with a field too few', (job) => delete job['queuedAt'], [field('queuedAt', { actual: undefined })]),
    change('with a Date as text', (job) => (job['startedAt'] = 'now'), [field('startedAt', { actual: 'now' })]),
    change('with a progress changed', (job) => (job['progress'] = { percent: 51 }), [
      field('progress', { actual: { percent: 51 } }),
    ]),
    change('with another id', (job) => (job['id'] = 'x'), [field('id', { expected: JOB.jobId, actual: 'x' })]),
    change('of another user and status', (job) => Object.assign(job, { userId: 'user-9', status: 'failed' }), [
      field('status', { expected: 'processing', actual: 'failed' }),
      field('userId', { expected: 'user-1', actual: 'user-9' }),
    ]),
    change('without a createdAt that is one', (job) => (job['createdAt'] = 5), [field('createdAt', { actual: 5 })]),
    garbage('bytes that are no msgpack', Buffer.from([0xc1, 0, 1])),
    garbage('no bytes', Buffer.alloc(0)),
    garbage('a list', encodeValue([1, 2])),
    garbage('an empty map', Buffer.from([0x80])),
  ]
}

function rows(): Damage[] {
  const missing = (jobId: string): Partial<Drift>[] => [
    { kind: 'missingJob', jobId, actual: null },
    { kind: 'userIndex', jobId, actual: null },
    { kind: 'statusIndex', jobId, actual: null },
    { kind: 'expiryIndex', jobId, actual: null },
  ]
  const orphan = [{ kind: 'orphanJob', jobId: 'orphan', expected: null } as const]
  const link = (column: string, value: string, drift: Partial<Drift>): Damage => ({
    name: `a row whose ${column} is ${value}`,
    make: (connection) => connection.exec(`UPDATE jobs SET ${column} = ${value} WHERE id = 'changed'`),
    drift: [{ kind: 'field', jobId: 'changed', ...drift }],
  })
  const event = (of: string): string => `(SELECT ${of} FROM events WHERE job_id = 'changed')`
  return [
    {
      name: 'a row that was deleted',
      make: (connection) => connection.exec(`DELETE FROM jobs WHERE id = 'changed'`),
      drift: missing('changed'),
    },
    {
      name: 'a tombstone that was deleted',
      make: (connection) => connection.exec(`DELETE FROM jobs WHERE id = 'deleted'`),
      drift: [{ kind: 'missingJob', jobId: 'deleted', field: 'tombstone', actual: null }],
    },
    {
      name: 'a live job made a tombstone',
      make: (connection) =>
        connection.exec(
          `UPDATE jobs SET user_id = NULL, status = NULL, created_at = NULL, expires_at = NULL, body = NULL WHERE id = 'changed'`,
        ),
      drift: missing('changed'),
    },
    {
      name: 'a live job without its body only',
      make: (connection) => connection.exec(`UPDATE jobs SET body = NULL WHERE id = 'changed'`),
      drift: [{ kind: 'missingJob', jobId: 'changed', actual: null }],
    },
    {
      name: 'a tombstone that lives again',
      make: (connection) => revive(connection, 'deleted'),
      drift: [{ kind: 'orphanJob', jobId: 'deleted', expected: null }],
    },
    {
      name: 'a row that the log does not know',
      make: (connection) => insertRow(connection, 'orphan', 999_999),
      drift: orphan,
    },
    {
      name: 'a row that names another job’s event',
      make: (connection) => insertRow(connection, 'orphan', 1),
      drift: orphan,
    },
    {
      name: 'a row before all others that the log does not know',
      make: (connection) => insertRow(connection, 'orphan', 999_999, -5),
      drift: orphan,
    },
    {
      name: 'a tombstone that the log does not know',
      make: (connection) => connection.exec(`INSERT INTO jobs (id, version, last_event) VALUES ('orphan', 2, 999999)`),
      drift: orphan,
    },
    link('version', '99', { field: 'version', actual: 99 }),
    link('version', '-1', { field: 'version', actual: -1 }),
    link('last_event', '999999', { field: 'lastEventId', actual: '999999' }),
    link('last_event', '0', { field: 'lastEventId', actual: '0' }),
    link('last_event', '1', { field: 'lastEventId', actual: '1' }),
    link('last_event', event('min(seq)'), { field: 'lastEventId' }),
    {
      name: 'a tombstone of another version',
      make: (connection) => connection.exec(`UPDATE jobs SET version = 7 WHERE id = 'deleted'`),
      drift: [{ kind: 'field', jobId: 'deleted', field: 'version', expected: 3, actual: 7 }],
    },
  ]
}

/** The columns that lists, counts and the sweeper go by. */
function columns(): Damage[] {
  const column = (name: string, value: string, kinds: Drift['kind'][], facts: Partial<Drift> = {}): Damage => ({
    name: `${name} of ${value}`,
    make: (connection) => connection.exec(`UPDATE jobs SET ${name} = ${value} WHERE id = 'changed'`),
    drift: kinds.map((kind) => ({ kind, ...JOB, ...facts })),
  })
  return [
    column('user_id', `'user-9'`, ['userIndex', 'statusIndex'], { actual: null }),
    column('user_id', 'NULL', ['userIndex', 'statusIndex'], { actual: null }),
    column('status', `'failed'`, ['statusIndex'], { actual: null }),
    column('status', 'NULL', ['statusIndex'], { actual: null }),
    column('created_at', '5', ['userIndex', 'statusIndex'], { actual: new Date(5) }),
    column('created_at', 'NULL', ['userIndex', 'statusIndex'], { actual: null }),
    column('expires_at', '9999999999999', ['expiryIndex'], { actual: new Date(9_999_999_999_999) }),
    column('expires_at', 'NULL', ['expiryIndex'], { actual: null }),
  ]
}

/** A tombstone must have none of these: lists and the sweeper would find it. */
function columnsOfTheEnded(): Damage[] {
  const left = (sets: string, drift: Partial<Drift>[]): Damage => ({
    name: `a tombstone with ${sets}`,
    make: (connection) => connection.exec(`UPDATE jobs SET ${sets} WHERE id = 'deleted'`),
    drift: drift.map((one) => ({ jobId: 'deleted', expected: null, ...one })),
  })
  const user = { kind: 'userIndex', userId: 'user-9' } as const
  const status = { kind: 'statusIndex', userId: 'user-9' } as const
  const expiry = { kind: 'expiryIndex' } as const
  return [
    left(`user_id = 'user-9', created_at = 5`, [user]),
    left(`user_id = 'user-9', created_at = 5, status = 'failed', expires_at = 9999999999999`, [user, status, expiry]),
    left('expires_at = 9999999999999', [expiry]),
  ]
}

function counts(by: number): Damage[] {
  return [
    {
      name: `a status count that is ${by} off`,
      make: (connection) => connection.exec(`UPDATE status_counts SET jobs = jobs + ${by} WHERE status = 'pending'`),
      drift: [{ kind: 'statusCount', field: 'pending', expected: 100, actual: 100 + by }],
    },
    {
      name: `a count of ${by} for a status that there is not`,
      make: (connection) => connection.exec(`INSERT OR REPLACE INTO status_counts VALUES ('strange', ${by})`),
      drift: [{ kind: 'statusCount', field: 'strange', expected: 0, actual: by }],
    },
    {
      name: `a user count that is ${by} off`,
      make: (connection) => connection.exec(`UPDATE user_counts SET jobs = jobs + ${by} WHERE user_id = 'crowd'`),
      drift: [{ kind: 'userCount', userId: 'crowd', expected: 100, actual: 100 + by }],
    },
    {
      name: `a count of ${by} for a user who has no job`,
      make: (connection) => connection.exec(`INSERT OR REPLACE INTO user_counts VALUES ('nobody', ${by})`),
      drift: [{ kind: 'userCount', userId: 'nobody', expected: 0, actual: by }],
    },
  ]
}

/** Changes what a row says of its job, as a careless hand would: its columns stay. */
function editBody(connection: Connection, id: string, edit: (job: JobFields) => void): void {
  const body = connection.prepare('SELECT body FROM jobs WHERE id = ?').pluck().get(id) as Buffer
  const job = decodeValue(body) as JobFields
  edit(job)
  connection.prepare('UPDATE jobs SET body = ? WHERE id = ?').run(encodeValue(job), id)
}

function revive(connection: Connection, id: string): void {
  const { userId, status, createdAt, expiresAt, ...job } = aJob({ id })
  connection
    .prepare('UPDATE jobs SET user_id = ?, status = ?, created_at = ?, expires_at = ?, body = ? WHERE id = ?')
    .run(userId, status, +createdAt, +expiresAt, encodeValue({ ...job, userId, status, createdAt, expiresAt }), id)
}

function insertRow(connection: Connection, id: string, lastEvent: number, number: number | null = null): void {
  connection
    .prepare('INSERT INTO jobs (number, id, version, last_event) VALUES (?, ?, 1, ?)')
    .run(number, id, lastEvent)
  revive(connection, id)
}
