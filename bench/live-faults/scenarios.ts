import { setTimeout as delay } from 'node:timers/promises'

import { Redis } from 'ioredis'

import { eventually } from '../../test/support/eventually.ts'
import type { RedisServer } from '../../test/support/redis-server.ts'
import { startRedis } from '../../test/support/redis-server.ts'
import { TcpProxy } from '../../test/support/tcp-proxy.ts'
import type { LiveReading, Subject } from './subjects.ts'

/** What became of the events of one scenario. */
export interface Tally {
  written: number
  /** Written, and never come. */
  missed: number
  twice: number
  /** Come, and lost by the server since. */
  undone: number
  told: string[]
}

/** Something that happens to readers. */
export interface Scenario {
  name: string
  run(open: (url: string) => Promise<Subject>): Promise<Tally>
}

const EVENTS = 3000
/** More than BullMQ keeps of its events by default. */
const MANY = 15_000
const IN_FLIGHT = 8
/** A reader that has had nothing for so long will have nothing more. */
const QUIET_MS = 3000

export const SCENARIOS: readonly Scenario[] = [
  { name: 'nothing', run: (open) => disturbed(open, async () => {}) },
  { name: 'CLIENT KILL every 100 ms', run: (open) => disturbed(open, killClients) },
  { name: 'redis-server killed and restarted twice, AOF always', run: (open) => disturbed(open, restartTwice) },
  { name: 'the reader away, and back with its last place', run: comesBack },
  { name: 'the connection dead while 15,000 events are written', run: (open) => falls(open, false) },
  { name: 'the same, and old events are dropped meanwhile', run: (open) => falls(open, true) },
  { name: 'a replica promoted that has not all yet', run: promoted },
]

async function disturbed(
  open: (url: string) => Promise<Subject>,
  disturb: (server: RedisServer, isOver: () => boolean) => Promise<void>,
): Promise<Tally> {
  await using server = await startRedis({ appendOnly: 'always' })
  const subject = await open(server.url)
  const reading = await subject.read(server.url, null)
  let isOver = false
  const disturbance = disturb(server, () => isOver)
  await write(subject, 1, EVENTS, 1)
  isOver = true
  await disturbance
  return await finish(subject, [reading], EVENTS)
}

async function killClients(server: RedisServer, isOver: () => boolean): Promise<void> {
  const admin = new Redis(server.url)
  while (!isOver()) {
    await delay(100)
    await admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  }
  admin.disconnect()
}

async function restartTwice(server: RedisServer): Promise<void> {
  for (let time = 0; time < 2; time++) {
    await delay(300)
    await server.kill()
    await server.start()
  }
}

async function comesBack(open: (url: string) => Promise<Subject>): Promise<Tally> {
  await using server = await startRedis()
  const subject = await open(server.url)
  const before = await subject.read(server.url, null)
  await write(subject, 1, EVENTS / 3)
  await quiet(before)
  await before.close()
  await write(subject, EVENTS / 3 + 1, (EVENTS * 2) / 3)
  const after = await subject.read(server.url, before.place)
  await write(subject, (EVENTS * 2) / 3 + 1, EVENTS)
  return await finish(subject, [before, after], EVENTS)
}

async function falls(open: (url: string) => Promise<Subject>, drops: boolean): Promise<Tally> {
  await using server = await startRedis()
  await using proxy = await TcpProxy.to(server.port)
  const subject = await open(server.url)
  const reading = await subject.read(`redis://127.0.0.1:${proxy.port}`, null)
  await write(subject, 1, 100)
  await quiet(reading)
  proxy.freeze()
  await write(subject, 101, MANY)
  if (drops) await subject.drop?.()
  proxy.thaw()
  await write(subject, MANY + 1, MANY + 100)
  return await finish(subject, [reading], MANY + 100)
}

/** What is written to the old primary meanwhile is lost for all; only what the new one has counts as written. */
async function promoted(open: (url: string) => Promise<Subject>): Promise<Tally> {
  await using primary = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] })
  await using replica = await startRedis({ args: ['--replicaof', `127.0.0.1 ${primary.port}`] })
  await using proxy = await TcpProxy.to(primary.port)
  const url = `redis://127.0.0.1:${proxy.port}`
  const subject = await open(url)
  const reading = await subject.read(url, null)
  const redis = new Redis(replica.url)
  await write(subject, 1, 100)
  await eventually(async () => {
    if (!/master_link_status:up/.test(await redis.info('replication'))) throw new Error('it is not in step yet')
  })
  await delay(1000)
  await redis.replicaof('NO', 'ONE')
  await write(subject, 101, 1000)
  await quiet(reading)
  const undone = reading.serials.splice(100).length
  proxy.failOver(replica.port)
  for (let serial = 101; serial <= 200; serial++) await subject.write(serial)
  redis.disconnect()
  return { ...(await finish(subject, [reading], 200)), undone }
}

async function write(subject: Subject, from: number, to: number, pauseMs = 0): Promise<void> {
  let next = from
  const lane = async (): Promise<void> => {
    while (next <= to) {
      await subject.write(next++)
      if (pauseMs > 0) await delay(pauseMs)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
}

async function finish(subject: Subject, readings: readonly LiveReading[], written: number): Promise<Tally> {
  for (const reading of readings) await quiet(reading)
  const serials = readings.flatMap((reading) => reading.serials).filter((serial) => serial > 0)
  const distinct = new Set(serials).size
  const tally = {
    written,
    missed: written - distinct,
    twice: serials.length - distinct,
    undone: 0,
    told: readings.flatMap(({ told }) => told),
  }
  for (const reading of readings) await reading.close()
  await subject.close()
  return tally
}

async function quiet(reading: LiveReading): Promise<void> {
  for (let seen = -1; seen !== reading.serials.length;) {
    seen = reading.serials.length
    await delay(QUIET_MS)
  }
}
