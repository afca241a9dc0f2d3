import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { createJobStore, getJobStore } from '../../src/config.ts'
import type { Finding } from '../../src/diagnosis/finding.ts'
import { RedisJobStore } from '../../src/redis/redis-job-store.ts'
import { aJob, createMany } from '../contract/jobs.ts'
import type { AnyJob } from '../contract/harness.ts'
import { ClusterTopology } from '../support/topology/cluster.ts'
import { SentinelTopology } from '../support/topology/sentinels.ts'
import { runCli } from './support/run-cli.ts'

const test = suite('Clusters and Sentinels, by URL')

const JOBS = 100

test('a Cluster: the environment, a store and the command line, by all nodes or by one', async () => {
  await using cluster = await ClusterTopology.start()
  await using store = getJobStore({ JOB_STORE_TYPE: 'redis', REDIS_URL: cluster.url })
  await createMany(store as unknown as RedisJobStore<AnyJob>, JOBS)
  assert.equal(await store.countByUserId('user-1'), JOBS)
  const one = cluster.nodes[0]?.server.url ?? assert.fail()
  for (const url of [cluster.url, one]) {
    const [stats, verify, list] = await Promise.all([
      runCli(['--store', url, 'stats', '--json']),
      runCli(['--store', url, 'verify', '--json']),
      runCli(['--store', url, 'list', 'user-1', '--limit', '7', '--json']),
    ])
    assert.equal((JSON.parse(stats.stdout) as { jobs: number }).jobs, JOBS, url)
    assert.deepEqual([verify.code, (JSON.parse(verify.stdout) as { events: number }).events], [0, JOBS], verify.stderr)
    assert.equal(list.code, 0, list.stderr)
  }
  const plain = createJobStore({ type: 'redis', url: one, partitions: 16 })
  await assert.rejects(plain.ready(), { code: 'INVALID_CONFIG', message: /redis\+cluster:\/\/host:port/ })
  await plain.close()
})

test('doctor looks at each node of a Cluster, and names the one that is not set right', async () => {
  await using cluster = await ClusterTopology.start()
  await using store = createJobStore({ type: 'redis', url: cluster.url })
  await store.ready()
  const [, wrong] = cluster.nodes
  await wrong?.admin.config('SET', 'maxmemory', '50mb', 'maxmemory-policy', 'allkeys-lru')
  const { stdout, code } = await runCli(['--store', cluster.url, 'doctor', '--json'])
  const { findings } = JSON.parse(stdout) as { findings: Finding[] }
  const evictions = findings.filter(({ topic }) => topic === 'eviction')
  assert.equal(evictions.length, 3)
  const failed = evictions.filter(({ verdict }) => verdict === 'fail').map(({ where }) => where)
  assert.deepEqual(failed, [`127.0.0.1:${wrong?.server.port}`])
  assert.equal(code, 1)
})

test('Sentinels: a URL, RedisOptions as of ioredis, and the command line reach the primary', async () => {
  await using topology = await SentinelTopology.start()
  const prefix = 'by-sentinel'
  await using byUrl = new RedisJobStore<AnyJob>(topology.url, { prefix })
  await byUrl.create(aJob({ id: 'a' }))
  const sentinels = topology.sentinels.map(({ host, port }) => ({ host, port }))
  await using byOptions = new RedisJobStore<AnyJob>({ sentinels, name: 'main' }, { prefix })
  assert.equal((await byOptions.findById('a'))?.id, 'a')
  const { stdout, code, stderr } = await runCli(['--store', topology.url, '--prefix', prefix, 'get', 'a', '--json'])
  assert.equal(code, 0, stderr)
  assert.equal((JSON.parse(stdout) as { job: AnyJob }).job.id, 'a')
  const doctor = await runCli(['--store', topology.url, '--prefix', prefix, 'doctor', '--json'])
  assert.match(doctor.stdout, /"replicas"/)
})

test('a Cluster that is not there, and Sentinels that know no such primary, are said in time, without a password', async () => {
  await using topology = await SentinelTopology.start()
  const wrongName = topology.url.replace(/main$/, 'other').replace('//', '//:s3cret@')
  for (const url of [wrongName, 'redis+cluster://:s3cret@127.0.0.1:1']) {
    const store = new RedisJobStore<AnyJob>(url, { retryForMs: 500 })
    await assert.rejects(store.ready(), (error: { code?: string; message: string }) => {
      assert.equal(error.code, 'STORE_UNAVAILABLE')
      assert.ok(!error.message.includes('s3cret'))
      return true
    })
    await store.close()
    const { code, stderr } = await runCli(['--store', url, 'stats'], { env: { REDIS_RETRY_FOR_MS: '500' } })
    assert.equal(code, 3, stderr)
    assert.ok(!stderr.includes('s3cret'), stderr)
  }
})

test.run()
