import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import { compareBytes } from '../../src/core/order.ts'
import { SortedIndex, type Place } from '../../src/memory/sorted-index.ts'
import { randomOf, seed } from '../support/random.ts'

const test = suite('a sorted index in memory')

/** More than a few chunks of it. */
const MANY = 1800

type Order = (places: Place[]) => Place[]

const random = randomOf(seed)
const shuffled: Order = (places) => {
  const keyed = places.map((place) => ({ place, key: random() }))
  return keyed.sort((one, other) => one.key - other.key).map(({ place }) => place)
}
const ORDERS: [name: string, order: Order][] = [
  ['in their order', (places) => places],
  ['the last first', (places) => places.toReversed()],
  ['in any order', shuffled],
]

for (const [addName, addOrder] of ORDERS) {
  for (const [removeName, removeOrder] of ORDERS) {
    test(`places that come ${addName} and go ${removeName} are found, listed and counted [seed ${seed}]`, () => {
      const index = new SortedIndex()
      // Every third time is shared by three ids, of which one is above U+FFFF.
      const ids = ['\uffff', '😀', 'a']
      const all = Array.from({ length: MANY }, (_, at) => ({ ms: Math.floor(at / 3), id: `${ids[at % 3]}` }))
      for (const place of addOrder(all)) index.add(place)
      assertHolds(index, all)
      const gone = new Set<Place>()
      for (const place of removeOrder(all)) {
        index.remove(place)
        gone.add(place)
        if (gone.size % 300 !== 0 && MANY - gone.size > 3) continue
        assert.equal(index.has(place), false)
        assertHolds(
          index,
          all.filter((each) => !gone.has(each)),
        )
      }
      assert.deepEqual([index.size, index.first, index.descending(null, 0, 5)], [0, undefined, []])
      index.add({ ms: 1, id: 'b' })
      assert.deepEqual([index.size, [...index.ascending()]], [1, [{ ms: 1, id: 'b' }]])
    })
  }
}

test('what is there already comes no second time, and what is not there does not go', () => {
  const index = new SortedIndex()
  for (let round = 0; round < 2; round++) for (let ms = 0; ms < MANY; ms++) index.add({ ms, id: 'a' })
  for (let ms = -1; ms <= MANY; ms++) index.remove({ ms, id: 'b' })
  assert.deepEqual([index.size, [...index.ascending()].length], [MANY, MANY])
})

test('a walk goes on where it is while others come and go', () => {
  const index = new SortedIndex()
  for (let ms = 0; ms < MANY; ms++) index.add({ ms, id: 'a' })
  const walked: Place[] = []
  for (const place of index.ascending()) {
    walked.push(place)
    index.remove(place)
    index.add({ ms: place.ms - 1, id: 'behind' })
    if (place.id === 'before') continue
    index.remove({ ms: place.ms + 1, id: 'a' })
    index.add({ ms: place.ms + 1, id: 'before' })
  }
  const expected = Array.from({ length: MANY / 2 }, (_, at) => [
    { ms: 2 * at, id: 'a' },
    { ms: 2 * at + 1, id: 'before' },
  ])
  assert.deepEqual(walked, expected.flat())
})

/** @param all what it must hold, in the order in which they were made */
function assertHolds(index: SortedIndex, all: readonly Place[]): void {
  const places = [...all].sort((one, other) => one.ms - other.ms || compareBytes(one.id, other.id))
  assert.deepEqual([...index.ascending()], places)
  assert.deepEqual([index.size, index.first], [places.length, places[0]])
  assert.ok(places.every((place) => index.has(place)))
  assert.ok(places.every(({ ms, id }) => !index.has({ ms, id: `${id} ` })))
  const newest = places.map(({ id }) => id).reverse()
  assert.deepEqual(index.descending(null, 0, MANY), newest)
  for (let round = 0; round < 10; round++) {
    const rank = Math.floor(random() * (places.length + 1))
    const [offset, limit] = [Math.floor(random() * 700), Math.floor(random() * 700)]
    // One that is held, or after them all.
    const end = places[rank] ?? { ms: MANY, id: 'z' }
    const first = newest.length - rank + offset
    assert.deepEqual(index.descending(end, offset, limit), newest.slice(first, first + limit))
    assert.deepEqual(index.descending(null, offset, limit), newest.slice(offset, offset + limit))
  }
}

test.run()
