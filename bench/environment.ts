import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os'

import { findRedis } from '../test/support/find-redis.ts'
import type { BenchOptions } from './options.ts'

/** What the figures were measured with and on: without it they say nothing. */
export interface Environment {
  date: string
  versions: Record<string, string>
  machine: { cpu: string; cores: number; memoryGiB: number; system: string; loadBefore: number }
  /** Persistence of redis-server: 'off', or its appendfsync. */
  appendfsync: string
  options: BenchOptions
}

const PACKAGES = ['ioredis', 'bullmq', 'bee-queue', 'better-sqlite3', 'msgpackr', 'lru-cache']

/** Reads the machine and the installed packages. */
export function describeEnvironment(options: BenchOptions): Environment {
  const installed = PACKAGES.map((name) => [name, versionOf(name)] as const)
  return {
    date: new Date().toISOString(),
    versions: { node: process.versions.node, redis: redisVersion(), ...Object.fromEntries(installed) },
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${type()} ${release()} ${arch()}`,
      loadBefore: loadavg()[0] ?? 0,
    },
    appendfsync: options.fsync,
    options,
  }
}

/** The lines above the tables. */
export function formatEnvironment({ date, versions, machine, appendfsync, options }: Environment): string {
  const { rounds, durationMs } = options.pace
  const persistence = appendfsync === 'off' ? 'persistence off' : `append-only file, appendfsync ${appendfsync}`
  return [
    `${date}, ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, load ${machine.loadBefore.toFixed(1)}`,
    `redis-server of its own on loopback, ${persistence}; SQLite with synchronous FULL`,
    `Each contender has one connection, without autopipelining; median of ${rounds} interleaved rounds of ${durationMs} ms.`,
  ].join('\n')
}

function redisVersion(): string {
  const found = findRedis()
  if (found.kind === 'url') return 'unknown'
  return / v=(\S+)/.exec(execFileSync(found.path, ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown'
}

/** By the file, since not every package exports its package.json. */
function versionOf(name: string): string {
  const entry = createRequire(import.meta.url).resolve(name)
  const folder = entry.slice(0, entry.lastIndexOf(`node_modules/${name}/`)) + `node_modules/${name}/`
  const { version } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8')) as { version: string }
  return version
}
