import * as assert from 'node:assert/strict'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

import { suite } from 'uvu'

import { collect } from '../contract/assertions.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import { startFixture } from './support/children.ts'
import { randomOf, seed } from '../support/random.ts'
import { openStore, withConnection, withPath } from './support/stores.ts'

const test = suite('kill -9 of a process that writes to SQLite')

const ROUNDS = 10
/** Acknowledgements after which the process is killed: at most. Small, so that the log stays short enough to be folded. */
const MOST = 120
/** Of the rounds, so many must have cut off commands whose events were written, or the kills came at idle moments. */
const LEAST_CUT_OFF = 1

test(
  'loses nothing that was acknowledged, does nothing twice, and leaves a sound file',
  withPath(async (path) => {
    console.log(`\nseed ${seed}`)
    const random = randomOf(seed)
    const acknowledged = new Set<string>()
    let unacknowledged = 0
    let roundsCutOff = 0
    for (let round = 0; round < ROUNDS; round++) {
      const told = await writeAndKill(path, round, 1 + Math.floor(random() * MOST))
      assert.equal(
        withConnection(path, (connection) => connection.pragma('integrity_check', { simple: true })),
        'ok',
      )
      for (const actor of told) acknowledged.add(actor)
      const store = openStore(path)
      const events = await collect(store.events())
      const actors = events.flatMap((event) => event.meta?.actor ?? [])
      const logged = new Set(actors)
      assert.equal(logged.size, actors.length, 'twice in the log')
      assert.deepEqual(
        [...acknowledged].filter((actor) => !logged.has(actor)),
        [],
        'acknowledged and not in the log',
      )
      assert.equal(events.length, Number(events.at(-1)?.id ?? 0), 'numbers are dense')
      await assertStateIsFold(store)
      await store.close()
      const more = logged.size - acknowledged.size
      if (more > unacknowledged) roundsCutOff++
      unacknowledged = more
    }
    console.log(`${acknowledged.size} acknowledged, ${unacknowledged} cut off after they were written`)
    assert.ok(roundsCutOff >= LEAST_CUT_OFF, `vacuous: only ${roundsCutOff} rounds cut anything off`)
  }),
)

/** @returns what the process was told before it died, as it said itself */
async function writeAndKill(path: string, round: number, killAfter: number): Promise<string[]> {
  const child = startFixture('write-until-killed.ts', path, String(round))
  const told: string[] = []
  const lines = createInterface({ input: child.stdout ?? assert.fail('no stdout') })
  lines.on('line', (line) => {
    told.push(line)
    if (told.length === killAfter) child.kill('SIGKILL')
  })
  const read = once(lines, 'close')
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  assert.equal(signal, 'SIGKILL', 'it died by itself')
  await read
  return told
}

test.run()
