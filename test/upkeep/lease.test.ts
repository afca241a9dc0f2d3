import assert from 'node:assert/strict'
import { once } from 'node:events'

import { suite } from 'uvu'

import type { Backend } from '../../src/backend.ts'
import { StoreUnavailableError } from '../../src/core/errors.ts'
import { withLease } from '../../src/upkeep/lease.ts'
import { eventually } from '../support/eventually.ts'
import { withStall } from '../support/with-stall.ts'

const test = suite('The lease of a walk')

/** A backend that gives the lease once, and then answers so. */
function backendThat(answer: () => Promise<boolean>): Backend {
  let isFirst = true
  const lease = async (_: string, forMs: number): Promise<boolean> => {
    if (forMs > 0 && !isFirst) return answer()
    isFirst = false
    return true
  }
  return { lease } as unknown as Backend
}

/** Work that ends only by its signal. */
async function untilAborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}

test('one that went to another store ends the work, which says so', async () => {
  const backend = backendThat(() => Promise.resolve(false))
  const error: unknown = await withLease(backend, 'rebuild', undefined, untilAborted).catch((reason: unknown) => reason)
  assert.ok(error instanceof StoreUnavailableError)
  assert.equal(error.outcome, 'unknown')
  assert.match(error.message, /run it again/)
})

test('one that ran out ends the work, even if nobody has it now', async () => {
  const backend = backendThat(() => Promise.resolve(true))
  const work = withLease(backend, 'compact', undefined, untilAborted)
  await withStall(3001, () => assert.rejects(work, { code: 'STORE_UNAVAILABLE' }))
})

test('a renewal that fails is made up for by the next one', async () => {
  let answers = 0
  const backend = backendThat(async () => {
    if (++answers === 1) throw new Error('away')
    return true
  })
  const work = async (signal: AbortSignal): Promise<string> => {
    await eventually(() => assert.ok(answers >= 3))
    return signal.aborted ? 'aborted' : 'done'
  }
  assert.equal(await withLease(backend, 'rebuild', undefined, work), 'done')
})

test("the caller's own signal reaches the work", async () => {
  const backend = backendThat(() => Promise.resolve(true))
  const controller = new AbortController()
  const work = withLease(backend, 'rebuild', controller.signal, untilAborted)
  controller.abort(new Error('enough'))
  await assert.rejects(work, { message: 'enough' })
})

test.run()
