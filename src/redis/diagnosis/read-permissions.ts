import { randomBytes } from 'node:crypto'

import type { Cluster, Redis } from 'ioredis'

import { classify } from '../failures.ts'
import type { PartitionKeys } from '../keys.ts'
import type { PermissionFacts, Refusal } from './facts.ts'

/** What a server says of a command or a key that the user may not use, or that it does not have at all. */
const DENIED =
  /NOPERM|no permissions|can't run this command|can't access at least one of the keys|unknown (?:redis )?command/i

/** An id that no event comes after. */
const LAST_EVENT = '18446744073709551615-18446744073709551615'

type Try = (redis: Redis | Cluster, keys: PartitionKeys, scratch: string) => Promise<unknown>

/** What is called outside of scripts, by what needs it. */
const BESIDES: Record<string, Try> = {
  'SCAN, for verify() and rebuild()': (redis, keys, scratch) => redis.scan('0', 'MATCH', keys.job(scratch), 'COUNT', 1),
  'ZSCAN, for verify() and rebuild()': (redis, keys) => redis.zscan(keys.expiry, '0', 'COUNT', 1),
  'PTTL, for verify() and rebuild()': (redis, keys) => redis.pttl(keys.meta),
  'UNLINK, for rebuild()': (redis, keys, scratch) => redis.unlink(keys.writer(scratch)),
  'XREAD, for subscribe() and watch()': (redis, keys) => redis.xread('COUNT', 1, 'STREAMS', keys.events, LAST_EVENT),
}

/** What is called outside of scripts by a store that waits for replicas. */
const DURABLE: Record<string, Try> = {
  'WAIT, for durability': (redis) => redis.wait(0, 1),
  'CLIENT ID, for durability': (redis) => redis.client('ID'),
}

/**
 * Asks what the client's user may not do in one partition, by trying it: lua/probe.lua, and the calls outside of scripts.
 * Leaves everything as it is.
 * @param probe the script of that name, as the server takes it
 * @param isDurable whether the store waits for replicas
 */
export async function readPermissions(
  redis: Redis | Cluster,
  keys: PartitionKeys,
  { probe, isDurable }: { probe: string; isDurable: boolean },
): Promise<PermissionFacts> {
  const scratch = `probe-${randomBytes(9).toString('base64url')}`
  const tryAll = (tries: Record<string, Try>): Promise<Refusal[]> => refusalsOf(tries, redis, keys, scratch)
  const [inScripts, durable, besides] = await Promise.all([
    tryScripts(redis, keys.meta, scratch, probe),
    tryAll(isDurable ? DURABLE : {}),
    tryAll(BESIDES),
  ])
  return { writing: [...inScripts, ...durable], besides }
}

async function refusalsOf(
  tries: Record<string, Try>,
  redis: Redis | Cluster,
  keys: PartitionKeys,
  scratch: string,
): Promise<Refusal[]> {
  const refusals = Object.entries(tries).map(async ([question, attempt]) => {
    const reason = await denialOf(() => attempt(redis, keys, scratch))
    return reason === null ? [] : [{ question, reason }]
  })
  return (await Promise.all(refusals)).flat()
}

async function tryScripts(redis: Redis | Cluster, keyMeta: string, scratch: string, probe: string): Promise<Refusal[]> {
  let reply: string[] = []
  const reason = await denialOf(async () => {
    reply = (await redis.eval(probe, 1, keyMeta, scratch)) as string[]
  })
  if (reason !== null) return [{ question: 'EVAL', reason }]
  const refusals: Refusal[] = []
  for (let at = 1; at < reply.length; at += 3) {
    const [command, kind, why] = reply.slice(at, at + 3).map(String) as [string, string, string]
    if (DENIED.test(why)) refusals.push({ question: `${command} ${kind}`, reason: why })
  }
  return refusals
}

/** Why the user may not; null if it may. @throws what says nothing about that */
async function denialOf(attempt: () => Promise<unknown>): Promise<string | null> {
  try {
    await attempt()
    return null
  } catch (error) {
    if (error instanceof Error && DENIED.test(error.message)) return error.message
    if (classify(error) === 'defect') return null
    throw error
  }
}
