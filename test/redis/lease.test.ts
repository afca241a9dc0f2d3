import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { fill, openWorkshop } from './support.ts'

const test = suite('The lease of a task')

/** Leases of another store that nobody gives back, and whether they are to be waited for. */
const LEASES: Record<string, { lease: Record<string, string>; isHeld: boolean }> = {
  'that ends soon': { lease: { rebuildUntil: later(1000), rebuildFor: '3000' }, isHeld: true },
  'that a clock has granted which stepped back a little': {
    lease: { rebuildUntil: later(3050), rebuildFor: '3000' },
    isHeld: true,
  },
  'that is over': { lease: { rebuildUntil: later(-1), rebuildFor: '3000' }, isHeld: false },
  'that ends later than it could, since the clock was set back': {
    lease: { rebuildUntil: later(3_600_000), rebuildFor: '3000' },
    isHeld: false,
  },
  'that ends at no time': { lease: { rebuildUntil: 'abc', rebuildFor: '3000' }, isHeld: false },
  'that holds for no time': { lease: { rebuildUntil: later(60_000), rebuildFor: 'abc' }, isHeld: false },
}

for (const [name, { lease, isHeld }] of Object.entries(LEASES))
  test(`${name} is ${isHeld ? 'waited for' : 'taken over at once'}`, async () => {
    await using workshop = await openWorkshop()
    const { store, redis, keys } = workshop
    await fill(store)
    await redis.hset(keys.meta, { rebuildOwner: 'another', ...lease })
    const startedAt = performance.now()
    await store.rebuild({ signal: AbortSignal.timeout(20_000) })
    const tookMs = performance.now() - startedAt
    if (isHeld) assert.ok(Date.now() >= Number(lease['rebuildUntil']), `after ${tookMs} ms`)
    assert.equal((await store.verify()).ok, true)
  })

/** As a lease writes a time. */
function later(ms: number): string {
  return String(Date.now() + ms)
}

test.run()
