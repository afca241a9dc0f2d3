import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { lookInto } from '../../src/redis/connect.ts'
import { diagnoseRedis } from '../../src/redis/diagnosis/diagnose.ts'
import { assembleScript, SCRIPTS } from '../../src/redis/scripts.ts'
import { collect } from '../contract/assertions.ts'
import { aJob, removing } from '../contract/jobs.ts'
import { documentedRights, makeUser } from '../support/acl-user.ts'
import { eventually } from '../support/eventually.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { startRedis } from '../support/redis-server.ts'
import { tell } from '../support/server-with-store.ts'

const test = suite('The ACL user of docs/operations.md')

/** What a script calls, by name. */
function commandsOf(lua: string): Set<string> {
  const calls = [...lua.matchAll(/(?:p?call\(|try\('[^']+', |\{ )'([A-Z]+)'/g)].map((match) => match[1] as string)
  return new Set(calls.filter((name) => !REPLY_TAGS.has(name)))
}

const REFUSALS = ['FORMAT', 'TORN', 'SPOILED', 'ADOPTING']
const REPLY_TAGS = new Set([...REFUSALS, 'DONE', 'GAP', 'REWOUND', 'DUE', 'LOST', 'PARTITIONS', 'USED'])

test('each command of a script is tried at the start, and the user has it', () => {
  const probed = commandsOf(assembleScript('probe'))
  const granted = new Set(documentedRights().map((right) => right.slice(1).toUpperCase()))
  const used = new Set(SCRIPTS.flatMap((name) => [...commandsOf(assembleScript(name))]))
  assert.ok(used.size > 25, String([...used]))
  assert.deepEqual(
    [...used].filter((command) => !probed.has(command)),
    [],
  )
  assert.deepEqual(
    [...used].filter((command) => !granted.has(command)),
    [],
  )
})

test('runs every verb, maintenance and subscriptions, and doctor finds nothing to say of it', async () => {
  await using server = await startRedis()
  const prefix = randomPrefix()
  const url = await makeUser(server, prefix)
  const warnings: string[] = []
  await using store = openRedis(url, { prefix, partitions: 3, onWarning: ({ topic }) => warnings.push(topic) })
  const ended = new AbortController()
  const seen: string[] = []
  const watching = (async () => {
    for await (const event of store.subscribe({ after: 'start', signal: ended.signal })) seen.push(event.type)
  })()
  await Promise.all(['a', 'b', 'c'].map((id) => store.create(aJob({ id, note: id }))))
  await store.create(aJob({ id: 'due', expiresAt: new Date(Date.now() - 1) }))
  await store.updateStatus('a', 'queued', { expectedVersion: 1, commandId: 'once' })
  await store.updateStatus('a', 'queued', { expectedVersion: 1, commandId: 'once' })
  await store.updateProgress('a', { percent: 1 })
  await store.update('b', { ...removing('note'), userId: 'user-2' })
  assert.equal(await store.delete('c'), true)
  assert.equal(await store.purgeExpired(), 1)
  assert.equal((await store.findByUserId('user-1')).length, 1)
  assert.equal((await store.listByUserId('user-1', { status: 'queued' })).jobs.length, 1)
  assert.equal(await store.countByStatus('pending'), 1)
  assert.equal((await collect(store.history('a'))).length, 3)
  assert.equal((await store.findByIdAsOf('a', { version: 1 }))?.status, 'pending')
  assert.equal((await store.verify()).ok, true)
  await tell(server, (redis) => redis.del(`{${prefix}:0}:counts`, `{${prefix}:1}:counts`, `{${prefix}:2}:counts`))
  assert.ok((await store.rebuild()).repaired > 0)
  await store.compact({ before: new Date(Date.now() + 1000) })
  assert.equal((await store.stats()).jobs, 2)
  await eventually(() => assert.equal(seen.length, 9))
  ended.abort()
  await watching
  assert.deepEqual(
    warnings.filter((topic) => topic === 'acl'),
    [],
  )
  const findings = await lookInto(url, 5000, (redis) => diagnoseRedis(redis, prefix, 3))
  assert.equal(findings.find(({ topic }) => topic === 'acl')?.verdict, 'ok')
})

test('can touch no key outside of the prefix', async () => {
  await using server = await startRedis()
  const url = await makeUser(server, 'jobs')
  await using store = openRedis(url, { prefix: 'others' })
  await assert.rejects(store.ready(), { code: 'STORE_UNAVAILABLE', outcome: 'rejected' })
  await tell(server, async (redis) => assert.deepEqual(await redis.keys('*'), []))
})

test.run()
