import assert from 'node:assert/strict'

import { Redis } from 'ioredis'
import { suite } from 'uvu'

import type { Client } from '../../src/redis/client.ts'
import { LogConnection } from '../../src/redis/follow/log-connection.ts'
import { keysOf } from '../../src/redis/keys.ts'
import { eventually } from '../support/eventually.ts'

const test = suite('A connection that reads the log')

const LOGS = [{ index: 0, keys: keysOf('jobs', 0) }]

/** A Cluster's client that is away: it keeps each call until `comeBack`. */
function awayCluster(): { client: Client; comeBack: () => void; node: Redis } {
  let comeBack = (): void => {}
  const back = new Promise<string>((resolve) => {
    comeBack = () => resolve('epoch')
  })
  const node = new Redis({ lazyConnect: true, host: 'localhost', port: 1, retryStrategy: () => null })
  const redis = {
    isCluster: true,
    options: {},
    slots: [['localhost:1']],
    hget: () => back,
    cluster: () => Promise.resolve(0),
    nodes: () => [{ options: node.options, duplicate: () => node }],
  }
  return {
    client: { redis, isOwn: false, isCluster: true, address: 'the Redis Cluster', failure: null } as unknown as Client,
    comeBack,
    node,
  }
}

test('that waits for a Cluster that is away ends with its signal, and what comes later is closed', async () => {
  const { client, comeBack, node } = awayCluster()
  const closing = new AbortController()
  const opening = LogConnection.open(client, LOGS, closing.signal)
  closing.abort(new Error('closed'))
  await assert.rejects(opening, { message: 'closed' })
  assert.equal(node.status, 'wait')
  comeBack()
  await eventually(() => assert.equal(node.status, 'end'))
})

test('that was to end before it began does', async () => {
  const { client } = awayCluster()
  await assert.rejects(LogConnection.open(client, LOGS, AbortSignal.abort(new Error('closed'))), { message: 'closed' })
})

test.run()
