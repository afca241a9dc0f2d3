import assert from 'node:assert/strict'

import type { Redis } from 'ioredis'
import { suite } from 'uvu'

import { clientOf } from '../../src/redis/client.ts'
import { classify, type FailureKind } from '../../src/redis/failures.ts'

const test = suite('Errors of Redis, sorted by what they say of the command')

const REPLIES: Record<string, FailureKind> = {
  "OOM command not allowed when used memory > 'maxmemory'.": 'full',
  "READONLY You can't write against a read only replica.": 'later',
  'LOADING Redis is loading the dataset in memory': 'later',
  'BUSY Redis is busy running a script.': 'later',
  'NOSCRIPT No matching script. Please use EVAL.': 'later',
  'TRYAGAIN Multiple keys request during rehashing of slot': 'later',
  'CLUSTERDOWN The cluster is down': 'later',
  'MASTERDOWN Link with MASTER is down': 'later',
  'MOVED 3999 127.0.0.1:6381': 'later',
  'ASK 3999 127.0.0.1:6381': 'later',
  'NOREPLICAS Not enough good replicas to write.': 'refused',
  'MISCONF Redis is configured to save RDB snapshots, but': 'refused',
  'NOAUTH Authentication required.': 'refused',
  'WRONGPASS invalid username-password pair': 'refused',
  "NOPERM this user has no permissions to run the 'evalsha' command": 'refused',
  'UNBLOCKED client unblocked via CLIENT UNBLOCK': 'unknown',
  'ERR unknown command': 'defect',
  'WRONGTYPE Operation against a key': 'defect',
  'NOPERM this user has no permissions script: 4a35, on @user_script:3.': 'defect',
}

/** As Redis before 7 words what it refuses of a script's calls. */
const IN_SCRIPT: Record<string, FailureKind> = {
  "-OOM command not allowed when used memory > 'maxmemory'.": 'full',
  "-READONLY You can't write against a read only replica.": 'later',
  '-MISCONF Redis is configured to save RDB snapshots, but': 'refused',
  '-NOREPLICAS Not enough good replicas to write.': 'refused',
  '-NOPERM this user has no permissions to run the command': 'defect',
  'WRONGTYPE Operation against a key': 'defect',
}
for (const [message, kind] of Object.entries(IN_SCRIPT))
  REPLIES[`ERR Error running script (call to f_6c2c3f40e1d4): @user_script:118: @user_script: 118: ${message}`] = kind
const IN_ID = '{jobs:0}:job:@user_script: 1: -OOM : its createdAt is gone'
REPLIES[`ERR Error running script (call to f_6c2c3f40e1d4): @user_script:9: ${IN_ID}`] = 'defect'

for (const [message, kind] of Object.entries(REPLIES))
  test(`${message} is ${kind}`, () => {
    assert.equal(classify(Object.assign(new Error(message), { name: 'ReplyError' })), kind)
  })

test('an error of the connection leaves it unknown, one of our own making is a defect', () => {
  for (const message of ['Connection is closed.', 'Command timed out', 'read ECONNRESET'])
    assert.equal(classify(new Error(message)), 'unknown')
  assert.equal(classify(new TypeError('x is not a function')), 'defect')
  assert.equal(classify('a text'), 'defect')
})

test("a client of the store's own leaves a primary that was made a replica, however old it is", () => {
  const leaves = (clientOf('redis://127.0.0.1:1').redis as Redis).options.reconnectOnError
  const refusals = Object.keys(REPLIES).filter((message) => leaves?.(new Error(message)) === true)
  assert.equal(refusals.length, 2)
  assert.ok(refusals.every((message) => message.includes('READONLY')))
})

test.run()
