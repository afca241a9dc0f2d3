import assert from 'node:assert/strict'

import { suite } from 'uvu'

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

test.run()
