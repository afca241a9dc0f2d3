import { Redis } from 'ioredis'

/** What the scripts read for the time of the server; and what they read instead, which a key moves by so many seconds. */
const TIME = "redis.call('TIME')"
const SHIFTED = `(function ()
  local time = ${TIME}
  time[1] = string.format('%.0f', time[1] + (redis.call('GET', KEY) or 0))
  return time
end)()`

/**
 * A server whose clock can be set, for the stores that use its clients: the scripts of these see the time that is told, and
 * XSETID leaves the log as XADD does at such a time. (libfaketime does not start with the allocator that Redis is built with.)
 */
export class ShiftedClock {
  readonly #url: string
  readonly #keyEvents: string
  readonly #admin: Redis
  readonly #key: string
  readonly #clients: Redis[] = []

  /** @param keyEvents the log's key */
  constructor(url: string, keyEvents: string) {
    this.#url = url
    this.#keyEvents = keyEvents
    this.#key = `clock-of-${keyEvents}`
    this.#admin = new Redis(url)
  }

  /** A client whose scripts see the shifted clock. It is closed with the clock. */
  client(): Redis {
    const redis = new Redis(this.#url)
    const define = redis.defineCommand.bind(redis)
    redis.defineCommand = (name, { lua, ...definition }) =>
      define(name, { ...definition, lua: lua.replaceAll(TIME, SHIFTED.replace('KEY', `'${this.#key}'`)) })
    this.#clients.push(redis)
    return redis
  }

  /** Sets the clock so many seconds before or after the true time. The log must have begun. */
  async set(seconds: number): Promise<void> {
    await this.#admin.set(this.#key, seconds)
    const [now] = await this.#admin.time()
    const [newest] = await this.#admin.xrevrange(this.#keyEvents, '+', '-', 'COUNT', 1)
    const ms = (Number(now) + seconds) * 1000
    // A log that has been at a later time goes on from there.
    if (ms > Number(newest?.[0].split('-')[0])) await this.#admin.call('XSETID', this.#keyEvents, `${ms}-0`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#admin.del(this.#key)
    for (const redis of [this.#admin, ...this.#clients]) redis.disconnect()
  }
}
