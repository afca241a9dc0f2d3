import { setTimeout as delay } from 'node:timers/promises'

import RedisMock from 'ioredis-mock'

import { keyspace, type Expiries, type Keyspace } from './keyspace.ts'
import type { Bytes, LuaMachine, Reply } from './lua-machine.ts'

type Command = (...args: Bytes[]) => unknown

/** What of a client is not in its types: where it keeps its keys, and its methods by name. */
interface Internals {
  data: Keyspace
  expires: Expiries
  [method: string]: unknown
}

/** Every command as scripts need it: at once, where the client's own methods promise. Its pipelines are made of these. */
class Commands extends (RedisMock as unknown as { Pipeline: new (redis: unknown) => object }).Pipeline {
  declare readonly redis: object;
  [name: string]: unknown

  _createCommand(_name: string, command: Command): Command {
    return command.bind(this.redis)
  }
}

type Argument = string | number | Buffer
type Entry = [id: string, fields: Bytes[]]

/**
 * An ioredis-mock with what stops the store mended, and nothing else: its Lua, streams and clock (each fault is in
 * test/redis/redis-mock-faults.test.ts). Hashes, sorted sets and texts are the mock's.
 * @param database data of its own, in this process
 * @param machine runs its scripts; mocks may share it
 * @param data another one's, to be a connection to the same
 */
export function mendedRedisMock(
  database: number,
  machine: LuaMachine,
  data?: Keyspace,
): InstanceType<typeof RedisMock> {
  const client = new RedisMock({ db: database })
  const internals = client as unknown as Internals
  internals.data = data ?? keyspace(internals.expires)
  const commands = new Commands(client) as unknown as Record<string, Command>
  const mended: Record<string, Command> = { ...streamCommands(internals), time: () => timeOf(Date.now()) }
  const call = (name: string, args: Bytes[]): Reply => {
    const command = mended[name.toLowerCase()] ?? commands[name.toLowerCase()]
    if (command === undefined) throw new Error(`ERR unknown command '${name}'`)
    return replyOf(command(...args))
  }
  internals['defineCommand'] = (name: string, { lua, numberOfKeys }: { lua: string; numberOfKeys: number }) => {
    internals[`${name}Buffer`] = async (...given: (Argument | Argument[])[]) => {
      const args = given.flat().map(bytesOf)
      return bufferedReply(machine.run(lua, args.slice(0, numberOfKeys), args.slice(numberOfKeys), call))
    }
  }
  internals['eval'] = async (lua: string, _keys: number, key: string, ...args: string[]) =>
    machine.run(lua, [key], args, call)
  // As a server that says nothing of how it is set.
  internals['config'] = async () => []
  internals['cluster'] = async () => ''
  internals['xrangeBuffer'] = async (...args: (string | number)[]) => bufferedReply(call('xrange', args.map(bytesOf)))
  for (const name of ['scan', 'zscan', 'type', 'pttl', 'unlink'])
    internals[name] = inText(client, internals[name] as (...args: Bytes[]) => Promise<unknown>)
  internals['duplicate'] = () => mendedRedisMock(database, machine, internals.data)
  internals['xreadBuffer'] = (...args: (string | number)[]) => readStreams(internals, args)
  // It calls itself 8.2, whose scripts may begin with #!lua, but its Lua can't.
  internals['info'] = async () => 'redis_version:6.2.0\r\n'
  return client
}

function streamCommands({ data }: Internals): Record<string, Command> {
  const entriesOf = (key: string): Entry[] => (data.get(key) ?? []) as Entry[]
  /** Ids go on where they were, also once everything was trimmed. */
  const lastIds = new Map<string, string>()
  return {
    xadd: (key = '', given = '*', ...fields) => {
      const entries = entriesOf(key)
      const [lastMs, lastNumber] = numbersOf(entries.at(-1)?.[0] ?? lastIds.get(key) ?? '0-0')
      const ms = Math.max(Date.now(), lastMs)
      const id = given === '*' ? `${ms}-${ms === lastMs ? lastNumber + 1 : 0}` : given
      entries.push([id, fields])
      data.set(key, entries)
      return id
    },
    xtrim: (key = '', _minId, least = '') => {
      const entries = entriesOf(key)
      const last = entries.at(-1)
      if (last !== undefined) lastIds.set(key, last[0])
      return entries.splice(0, rankOf(entries, least, 0)).length
    },
    xdel: (key = '', ...ids) => {
      const entries = entriesOf(key)
      const left = entries.filter(([id]) => !ids.includes(id))
      return entries.splice(0, Infinity, ...left).length - left.length
    },
    xrange: (key = '', from = '-', to = '+', _count, count = 'Infinity') => {
      const entries = entriesOf(key)
      const start =
        from === '-' ? 0 : from.startsWith('(') ? rankOf(entries, from.slice(1), 1) : rankOf(entries, from, 0)
      const end = to === '+' ? entries.length : rankOf(entries, to, 1)
      return entries.slice(start, Math.min(end, start + Number(count)))
    },
  }
}

/** XREAD COUNT count BLOCK ms STREAMS keys ids: looks again and again, as long as the client is open. */
async function readStreams({ data, ...client }: Internals, args: readonly (string | number)[]): Promise<unknown> {
  const [, count, , blockMs, , ...rest] = args
  const keys = rest.slice(0, rest.length / 2).map(bytesOf)
  const ids = rest.slice(rest.length / 2).map(String)
  for (const end = Date.now() + Number(blockMs); Date.now() < end && client['connected'] !== false;) {
    const news = keys.flatMap((key, index) => {
      const entries = (data.get(key) ?? []) as Entry[]
      const start = rankOf(entries, ids[index] ?? '', 1)
      return start < entries.length ? [[key, entries.slice(start, start + Number(count))]] : []
    })
    if (news.length > 0) return bufferedReply(replyOf(news))
    await delay(1)
  }
  return null
}

/** How many entries come before an id; with 1 the one of this id too. */
function rankOf(entries: readonly Entry[], id: string, withItself: 0 | 1): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareIds(entries[middle]?.[0] ?? '', id) < withItself) low = middle + 1
    else high = middle
  }
  return low
}

function compareIds(one: string, other: string): number {
  const [ms, number] = numbersOf(one)
  const [otherMs, otherNumber] = numbersOf(other)
  return ms - otherMs || number - otherNumber
}

function numbersOf(id: string): [ms: number, number: number] {
  const [ms, number = 0] = id.split('-').map(Number)
  return [ms ?? 0, number]
}

function timeOf(ms: number): string[] {
  return [String(Math.floor(ms / 1000)), String((ms % 1000) * 1000)]
}

function replyOf(reply: unknown): Reply {
  if (reply === undefined || reply === null) return null
  if (Array.isArray(reply)) return reply.map(replyOf)
  if (typeof reply === 'object') return Object.entries(reply).flat() as Reply
  return reply as Reply
}

function bytesOf(argument: string | number | Buffer): Bytes {
  return (Buffer.isBuffer(argument) ? argument : Buffer.from(String(argument))).toString('latin1')
}

/** A command that is given outside of scripts, in whose keys a character is a byte. */
function inText(client: object, command: (...args: Bytes[]) => Promise<unknown>): Internals[string] {
  return async (...args: (string | number)[]) => textOf(await command.apply(client, args.map(bytesOf)))
}

function textOf(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(textOf)
  return typeof reply === 'string' ? Buffer.from(reply, 'latin1').toString() : reply
}

function bufferedReply(reply: Reply): unknown {
  if (Array.isArray(reply)) return reply.map(bufferedReply)
  return typeof reply === 'string' ? Buffer.from(reply, 'latin1') : reply
}
