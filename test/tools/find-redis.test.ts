import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { findRedis, redisEnvironment } from '../support/find-redis.ts'

const test = suite('finding a Redis')

test('takes redis-server before valkey-server from PATH, wherever they stand', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jobledger-path-'))
  try {
    const valkey = writeExecutable(folder, 'valkey-server')
    assert.equal(findRedis({ PATH: `/nowhere:${folder}` }), { kind: 'binary', path: valkey })
    const redis = writeExecutable(folder, 'redis-server')
    assert.equal(findRedis({ PATH: `/nowhere:${folder}` }), { kind: 'binary', path: redis })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('takes what the environment names before all else, and hands it on in the same way', () => {
  const binary = { kind: 'binary', path: process.execPath } as const
  assert.equal(findRedis({ PATH: '/nowhere', ...redisEnvironment(binary) }), binary)
  const url = { kind: 'url', url: 'redis://127.0.0.1:1' } as const
  assert.equal(findRedis({ PATH: '/nowhere', ...redisEnvironment(url) }), url)
})

test('refuses a named binary that cannot be run', () => {
  const environment = redisEnvironment({ kind: 'binary', path: '/nowhere/redis-server' })
  assert.throws(() => findRedis(environment), /\/nowhere\/redis-server, which is not an executable file/)
})

function writeExecutable(folder: string, name: string): string {
  const path = join(folder, name)
  writeFileSync(path, '#!/bin/sh\n')
  chmodSync(path, 0o755)
  return path
}

test.run()
