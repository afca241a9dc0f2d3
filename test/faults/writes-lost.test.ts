import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { aJob } from '../contract/jobs.ts'
import { startRedis, type RedisServer } from '../support/redis-server.ts'
import { tell } from '../support/server-with-store.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { newPlace, openAt } from './harness/place.ts'

const RETRY_FOR_MS = 2000
const MOST_BATCHES = 20

/** What happens to a call between the loss and the next write that is applied. */
const BETWEEN = ['nothing', 'a call that ends while the server is away', 'a call that a full server refuses'] as const
type Between = (typeof BETWEEN)[number]

faultTest({
  name: 'writes lost',
  promises: ['P4', 'P8'],
  // Crashes: each kind, emptied and set back.
  amount: { short: 6, long: 60 },
  floor: (amount) => Math.floor(amount / 2),
  mutants: ['lost batches are not noticed'],
  run: loseWrites,
})

/**
 * A server without an append-only file crashes, and starts again with what it had saved: nothing, or what came before some
 * batches. onWritesLost must say how many of the acknowledged batches are gone, to the number, and nothing where none is; also
 * if calls fail before the next one is applied.
 */
async function loseWrites(context: ScenarioContext): Promise<Outcome> {
  const violations: string[] = []
  let hits = 0
  let lost = 0
  await using server = await startRedis()
  for (let crash = 0; crash < context.amount; crash++) {
    const isEmptied = crash % 2 === 0
    const batches = Math.floor(context.random() * MOST_BATCHES)
    const between = BETWEEN[Math.floor(crash / 2) % BETWEEN.length] as Between
    const found = await crashOnce(context, server, { isEmptied, batches, between })
    if (found.expected > 0) hits++
    lost += found.expected
    const what = `crash ${crash}, ${isEmptied ? 'emptied' : 'set back'}, then ${between}`
    if (found.reported !== found.expected)
      violations.push(`P4: ${what}: ${found.expected} batches were lost, onWritesLost said ${found.reported}`)
    if (!found.goesOn) violations.push(`P4: ${what}: the store does not go on`)
  }
  return { hits, violations, figures: `${context.amount} crashes, ${lost} acknowledged batches lost` }
}

/** Each call alone is a batch. */
async function crashOnce(
  { build }: ScenarioContext,
  server: RedisServer,
  { isEmptied, batches, between }: { isEmptied: boolean; batches: number; between: Between },
): Promise<{ expected: number; reported: number; goesOn: boolean }> {
  let reported = 0
  const onWritesLost = (loss: { batches: number }): void => void (reported += loss.batches)
  await using store = await openAt(newPlace(server, 1), { build, retryForMs: RETRY_FOR_MS, onWritesLost })
  await store.create(aJob({ id: 'first' }))
  if (isEmptied) rmSync(join(server.dir, 'dump.rdb'), { force: true })
  else await tell(server, (redis) => redis.save())
  for (let batch = 0; batch < batches; batch++) await store.create(aJob({ id: `lost-${batch}` }))
  const fail = (): Promise<unknown> => store.create(aJob({ id: 'fails' })).catch(() => {})
  await server.kill()
  if (between === BETWEEN[1]) await fail()
  await server.start()
  if (between === BETWEEN[2]) {
    await tell(server, (redis) => redis.config('SET', 'maxmemory', '1'))
    await fail()
    await tell(server, (redis) => redis.config('SET', 'maxmemory', '0'))
  }
  const goesOn = await store.create(aJob({ id: 'after' })).then(
    () => true,
    () => false,
  )
  return { expected: isEmptied ? batches + 1 : batches, reported, goesOn }
}
