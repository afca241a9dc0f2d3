import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import { root } from './repository.ts'

/** A binary that tests may start and kill as they like, or just the URL of a server that is running. */
export type FoundRedis = { kind: 'binary'; path: string } | { kind: 'url'; url: string }

const SERVER_VARIABLE = 'JOBLEDGER_TEST_REDIS_SERVER'
const URL_VARIABLE = 'JOBLEDGER_TEST_REDIS_URL'

const BINARIES = ['redis-server', 'valkey-server']
const POLICY = '/usr/sbin/policy-rc.d'

/**
 * Makes a Redis available: what the environment names, else a binary on PATH, else one that apt-get installs (as root),
 * else docker-compose.yml. What it does beyond looking, it says on stderr.
 * @throws Error that says what to install
 */
export function findRedis(env: NodeJS.ProcessEnv = process.env): FoundRedis {
  return fromEnvironment(env) ?? fromPath(env) ?? fromApt(env) ?? fromDocker() ?? nothingFound()
}

/** How the runner tells the test files what it found, so that it is looked for and installed once. */
export function redisEnvironment(found: FoundRedis): Record<string, string> {
  return found.kind === 'binary' ? { [SERVER_VARIABLE]: found.path } : { [URL_VARIABLE]: found.url }
}

function fromEnvironment(env: NodeJS.ProcessEnv): FoundRedis | undefined {
  const path = env[SERVER_VARIABLE]
  if (path !== undefined && path !== '') {
    if (!isExecutable(path)) throw new Error(`${SERVER_VARIABLE} is ${path}, which is not an executable file`)
    return { kind: 'binary', path }
  }
  const url = env[URL_VARIABLE]
  return url !== undefined && url !== '' ? { kind: 'url', url } : undefined
}

function fromPath(env: NodeJS.ProcessEnv): FoundRedis | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const path = BINARIES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
  return path === undefined ? undefined : { kind: 'binary', path }
}

function fromApt(env: NodeJS.ProcessEnv): FoundRedis | undefined {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined
  process.stderr.write('No redis-server on PATH: installing it with apt-get.\n')
  try {
    withoutStartingServices(() => {
      apt(['update'])
      apt(['install', '--yes', '--no-install-recommends', 'redis-server'])
    })
  } catch (error) {
    process.stderr.write(`apt-get could not install redis-server: ${firstLine(error)}\n`)
    return undefined
  }
  return fromPath(env)
}

function apt(args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  execFileSync('/usr/bin/apt-get', ['--quiet', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Debian starts a service on installation, unless this file says no. The tests need the binary alone. */
function withoutStartingServices(install: () => void): void {
  if (existsSync(POLICY)) return install()
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    install()
  } finally {
    rmSync(POLICY, { force: true })
  }
}

function fromDocker(): FoundRedis | undefined {
  try {
    execFileSync('docker', ['compose', 'version'], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  process.stderr.write('No redis-server to be had: starting docker-compose.yml ("docker compose down" stops it).\n')
  try {
    execFileSync('docker', ['compose', 'up', '--detach', '--wait', 'redis'], {
      cwd: root,
      stdio: ['ignore', 2, 'pipe'],
    })
  } catch (error) {
    process.stderr.write(`docker compose could not start it: ${firstLine(error)}\n`)
    return undefined
  }
  return { kind: 'url', url: 'redis://127.0.0.1:6379' }
}

function nothingFound(): never {
  throw new Error(
    'The tests need a Redis and found none. Do one of these: install redis-server or valkey-server so that it is on ' +
      'PATH ("apt-get install redis-server", "brew install redis"); start Docker, which docker-compose.yml uses; or set ' +
      `${SERVER_VARIABLE} to a binary or ${URL_VARIABLE} to a server that may be filled with test keys.`,
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What a command wrote to stderr says more than "Command failed". */
function firstLine(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  const text = said === '' ? String(error) : said
  return text.split('\n', 1)[0] ?? text
}
