import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { readRedisOptions } from '../../src/redis/settings.ts'

const test = suite('Callbacks among the options of a store in Redis')

/** What the process is warned of meanwhile. */
async function warningsOf(work: () => void): Promise<string[]> {
  const warnings: string[] = []
  const note = (warning: NodeJS.ErrnoException): void => void warnings.push(`${warning.code} ${warning.message}`)
  process.on('warning', note)
  work()
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', note)
  return warnings
}

const LOSS = { partition: 0, batches: 1 }

test('are called with what there is to tell, at once', () => {
  const told: unknown[] = []
  const { onWritesLost, onWarning } = readRedisOptions(
    { onWritesLost: (loss) => told.push(loss), onWarning: (finding) => told.push(finding) },
    false,
  )
  onWritesLost(LOSS)
  const finding = { topic: 'acl', verdict: 'warn', where: null, found: '', advice: null } as const
  onWarning(finding)
  assert.deepEqual(told, [LOSS, finding])
})

test('that throw, or reject, warn the process and fail nobody', async () => {
  const fail = (): never => {
    throw new Error('no pager\u001b[2J')
  }
  const callbacks: (() => unknown)[] = [fail, async () => fail(), () => Promise.reject(new Error('no pager\n'))]
  for (const onWritesLost of callbacks) {
    const settings = readRedisOptions({ onWritesLost }, false)
    const warnings = await warningsOf(() => settings.onWritesLost(LOSS))
    assert.equal(warnings.length, 1)
    assert.match(warnings[0] ?? '', /^JOBLEDGER_CALLBACK onWritesLost failed: no pager·(\[2J)?$/)
  }
})

test.run()
