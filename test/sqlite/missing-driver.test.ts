import * as assert from 'node:assert/strict'
import { createRequire } from 'node:module'

import { suite } from 'uvu'

import { SqliteJobStore } from '../../src/sqlite/sqlite-job-store.ts'
import { assertRejects } from '../contract/assertions.ts'
import { newBackend, storeOver } from './support/stores.ts'

const test = suite('without better-sqlite3')
const require = createRequire(import.meta.url)
const Module = require('node:module') as { _resolveFilename: (request: string, ...rest: unknown[]) => string }

test('the constructor says what to install, and nothing but SQLite needs it', () => {
  // The loader remembers what it found: this test must be the first of its process to ask for the driver.
  const resolve = Module._resolveFilename
  Module._resolveFilename = (request, ...rest) => {
    if (request !== 'better-sqlite3') return resolve(request, ...rest)
    throw Object.assign(new Error(`Cannot find module '${request}'\nRequire stack: …`), { code: 'MODULE_NOT_FOUND' })
  }
  try {
    assert.throws(
      () => new SqliteJobStore('jobs.db'),
      (error: Error & { code?: string }) =>
        error.code === 'INVALID_CONFIG' &&
        error.message.includes('npm install better-sqlite3') &&
        !error.message.includes('\n') &&
        (error.cause as { code?: string }).code === 'MODULE_NOT_FOUND',
    )
  } finally {
    Module._resolveFilename = resolve
  }
})

test('compiled for this Node.js, ready() says how to compile it', async () => {
  const driver = class {
    constructor() {
      throw Object.assign(new Error('was compiled against a different Node.js version'), { code: 'ERR_DLOPEN_FAILED' })
    }
  }
  const store = storeOver(newBackend(':memory:', { driver: driver as never }))
  await assertRejects(() => store.ready(), 'INVALID_CONFIG')
  await store.ready().catch((error: Error) => assert.match(error.message, /npm rebuild better-sqlite3/))
  await store.close()
})

test.run()
