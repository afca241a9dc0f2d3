import assert from 'node:assert/strict'

import type { Cluster, Redis } from 'ioredis'
import { suite } from 'uvu'

import { getJobStore } from '../../src/config.ts'
import { InvalidConfigError } from '../../src/core/errors.ts'
import { describeAddress, readAddress } from '../../src/redis/address.ts'
import { clientOf } from '../../src/redis/client.ts'

const test = suite('The URLs of Redis')

test('of Sentinels: hosts, the name of the primary, database, users and passwords', () => {
  const address = readAddress(
    'redis',
    'rediss+sentinel://me:a%40b%2Fc@one:1,[::1],two/main%20one/3?sentinelUsername=s&sentinelPassword=p%26w',
  )
  assert.deepEqual(address, {
    kind: 'sentinel',
    hosts: [
      { host: 'one', port: 1 },
      { host: '::1', port: 26_379 },
      { host: 'two', port: 26_379 },
    ],
    name: 'main one',
    db: 3,
    username: 'me',
    password: 'a@b/c',
    sentinelUsername: 's',
    sentinelPassword: 'p&w',
    hasTls: true,
  })
  assert.equal(describeAddress(address), 'rediss+sentinel://one:1,[::1]:26379,two:26379/main%20one/3')
})

test('of a Cluster: some of its nodes, a password without a user', () => {
  const address = readAddress('redis', 'redis+cluster://:s3cret@a:7000,b')
  assert.equal(address.kind, 'cluster')
  assert.deepEqual(address.kind === 'cluster' && [address.hosts, address.username, address.password], [
    [
      { host: 'a', port: 7000 },
      { host: 'b', port: 6379 },
    ],
    undefined,
    's3cret',
  ])
  assert.equal(describeAddress(address), 'redis+cluster://a:7000,b:6379')
})

test('of one server are left to ioredis', () => {
  const url = 'rediss://me:s3cret@host/2?family=6'
  assert.deepEqual(readAddress('redis', url), { kind: 'server', url })
  assert.equal(describeAddress(readAddress('redis', url)), 'rediss://host:6379/2')
})

const WRONG: [url: string, expected: RegExp][] = [
  ['http://:s3cret@host', /redis:\/\/host:port, redis\+sentinel:.*redis\+cluster:.*rediss for TLS/],
  ['redis+cluster://', /redis:\/\/host:port/],
  ['redis+clusters://:s3cret@host', /redis:\/\/host:port/],
  ['redis+cluster://:s3cret@a:99999', /hosts like a:6379,b:6379/],
  ['redis+cluster://:s3cret@a,,b', /hosts like/],
  ['redis+cluster://:s3cret@a/1', /one database/],
  ['redis+cluster://:s3cret@a?tls=1', /one database/],
  ['redis+sentinel://:s3cret@a', /hosts\/name/],
  ['redis+sentinel://:s3cret@a/main/x', /hosts\/name/],
  ['redis+sentinel://:s3cret@a/main/0/1', /hosts\/name/],
  ['redis+sentinel://:s3cret@a/main?nonsense=1', /sentinelUsername=/],
  ['redis://:s3cret@host:port', /redis:\/\/localhost:6379/],
]

test('that are wrong are refused with what was expected, and without their password', () => {
  for (const [url, expected] of WRONG) {
    for (const make of [() => clientOf(url), () => getJobStore({ JOB_STORE_TYPE: 'redis', REDIS_URL: url })])
      assert.throws(make, (error: unknown) => {
        assert.ok(error instanceof InvalidConfigError, url)
        assert.match(error.message, expected, url)
        assert.ok(!error.message.includes('s3cret'), error.message)
        return true
      })
  }
})

test('become what ioredis takes, TLS included', () => {
  const sentinel = clientOf('rediss+sentinel://me:pw@one:1,two:2/main/3?sentinelPassword=sp')
  const { sentinels, name, db, username, password, sentinelPassword, tls, sentinelTLS, enableTLSForSentinelMode } = (
    sentinel.redis as Redis
  ).options
  assert.deepEqual(sentinels, [
    { host: 'one', port: 1 },
    { host: 'two', port: 2 },
  ])
  assert.deepEqual([name, db, username, password, sentinelPassword], ['main', 3, 'me', 'pw', 'sp'])
  assert.deepEqual([tls, sentinelTLS, enableTLSForSentinelMode], [{}, {}, true])
  assert.deepEqual([sentinel.isCluster, sentinel.address], [false, 'the primary "main" of 2 Sentinels'])

  const cluster = clientOf('rediss+cluster://me:pw@a:1')
  const { redisOptions } = (cluster.redis as Cluster).options
  assert.deepEqual(
    [cluster.isCluster, redisOptions?.username, redisOptions?.password, redisOptions?.tls],
    [true, 'me', 'pw', {}],
  )
})

test.run()
