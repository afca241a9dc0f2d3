import { Redis } from 'ioredis'

/** Reads on a connection of its own what redis-server says about its time. */
export class ServerClock {
  readonly #redis: Redis
  #cpuUsBefore = 0

  constructor(url: string) {
    this.#redis = new Redis(url)
  }

  /** Counts from here. */
  async reset(): Promise<void> {
    await this.#redis.config('RESETSTAT')
    this.#cpuUsBefore = cpuUsOf(await this.#redis.info('cpu'))
  }

  /** @returns since reset(): CPU time of the main thread, and the part of it that was spent in commands */
  async read(): Promise<{ cpuUs: number; commandUs: number }> {
    const cpuUs = cpuUsOf(await this.#redis.info('cpu')) - this.#cpuUsBefore
    return { cpuUs, commandUs: commandUsOf(await this.#redis.info('commandstats')) }
  }

  async close(): Promise<void> {
    await this.#redis.quit()
  }
}

function cpuUsOf(text: string): number {
  return 1e6 * (Number(fieldOf(text, 'used_cpu_user')) + Number(fieldOf(text, 'used_cpu_sys')))
}

/** What a script calls is counted for itself and within the script: where there are scripts, they alone count. */
function commandUsOf(text: string): number {
  const byCommand = new Map<string, number>()
  for (const [, name = '', us] of text.matchAll(/^cmdstat_([^:]+):calls=\d+,usec=(\d+)/gm))
    if (!/^(?:info|config)/.test(name)) byCommand.set(name, Number(us))
  const scripts = (byCommand.get('evalsha') ?? 0) + (byCommand.get('eval') ?? 0)
  return scripts > 0 ? scripts : [...byCommand.values()].reduce((sum, us) => sum + us, 0)
}

function fieldOf(text: string, field: string): string {
  return new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(text)?.[1] ?? '0'
}
