import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { generate } from 'selfsigned'
import { suite } from 'uvu'

import { clientOf } from '../../src/redis/client.ts'
import { collect } from '../contract/assertions.ts'
import { aJob } from '../contract/jobs.ts'
import { documentedRights } from '../support/acl-user.ts'
import { freePort } from '../support/free-port.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { startRedis } from '../support/redis-server.ts'

const test = suite('A store on a Redis with TLS and ACL')

interface TlsServer extends AsyncDisposable {
  port: number
  /** The certificate of who signed its own. */
  ca: string
}

/** A server that speaks TLS beside its plain port, and knows the user of docs/operations.md and nobody else. */
async function startTls(prefix: string): Promise<TlsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'jobledger-tls-'))
  const { cert, private: key } = certificate()
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const port = await freePort()
  const user = ['jobledger', 'on', '>pass', `~{${prefix}:*`, ...documentedRights()].join(' ')
  const acl = file('users.acl', `user default off\nuser ${user}\n`)
  const tls = [
    '--tls-port',
    `${port}`,
    '--tls-cert-file',
    file('cert.pem', cert),
    '--tls-key-file',
    file('key.pem', key),
  ]
  const args = [...tls, '--tls-ca-cert-file', join(folder, 'cert.pem'), '--tls-auth-clients', 'no', '--aclfile', acl]
  const server = await startRedis({ args })
  return {
    port,
    ca: cert,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One that signs itself, for this machine's name and address. */
function certificate(): { cert: string; private: string } {
  const names = [
    { type: 2, value: 'localhost' },
    { type: 7, ip: '127.0.0.1' },
  ]
  return generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: names }],
  })
}

test('reads, writes and follows the log, with the certificate verified', async () => {
  const prefix = randomPrefix()
  await using server = await startTls(prefix)
  const options = { host: '127.0.0.1', port: server.port, username: 'jobledger', password: 'pass' }
  await using store = openRedis({ ...options, tls: { ca: server.ca } }, { prefix })
  const events = store.subscribe({ after: 'start' })[Symbol.asyncIterator]()
  await store.create(aJob({ id: 'a' }))
  assert.equal((await events.next()).value?.jobId, 'a')
  await events.return?.()
  assert.equal((await store.updateProgress('a', { percent: 1 }))?.progress.percent, 1)
  assert.equal((await collect(store.history('a'))).length, 2)
})

test('a server whose certificate nobody known has signed is refused, by URL and by options', async () => {
  const prefix = randomPrefix()
  await using server = await startTls(prefix)
  const url = `rediss://jobledger:pass@127.0.0.1:${server.port}`
  const other = { host: '127.0.0.1', port: server.port, username: 'jobledger', password: 'pass' }
  for (const target of [url, { ...other, tls: { ca: certificate().cert } }]) {
    await using store = openRedis(target, { prefix, retryForMs: 1500 })
    await assert.rejects(store.create(aJob()), (error: Error & { code?: string; outcome?: string }) => {
      assert.deepEqual([error.code, error.outcome], ['STORE_UNAVAILABLE', 'rejected'])
      assert.match(error.message, /certificate/)
      assert.doesNotMatch(error.message, /pass/)
      return true
    })
  }
})

test('a second error of a connection, like an alert that comes late, does not end the process', () => {
  const { redis } = clientOf({ host: '127.0.0.1', port: 1, tls: {} })
  const stream = new EventEmitter()
  Object.assign(redis, { stream })
  redis.emit('error', new Error('the certificate'))
  assert.equal(stream.emit('error', new Error('the alert')), true)
})

test('a wrong password is refused at once, and is in no message', async () => {
  const prefix = randomPrefix()
  await using server = await startTls(prefix)
  const options = { host: '127.0.0.1', port: server.port, username: 'jobledger', password: 's3cret' }
  await using store = openRedis({ ...options, tls: { ca: server.ca } }, { prefix, retryForMs: 1500 })
  await assert.rejects(store.ready(), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'STORE_UNAVAILABLE')
    assert.doesNotMatch(error.message, /s3cret/)
    return true
  })
})

test.run()
