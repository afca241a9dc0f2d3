import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { eventually } from './eventually.ts'
import { findRedis } from './find-redis.ts'
import { freePort } from './free-port.ts'
import { onProcessEnd } from './process-end.ts'

export interface RedisServerOptions {
  /** Default 'off': nothing is written to disk. 'always' and 'everysec' keep an append-only file, synced so often. */
  appendOnly?: 'off' | 'always' | 'everysec'
  /** Further arguments of redis-server, like ['--maxmemory', '50mb']; they win over the harness's. */
  args?: string[]
  /** Lines of a Sentinel's configuration: the server is one then, and keeps no data. */
  sentinel?: string[]
}

const START_TIMEOUT_MS = 15_000
const STOP_TIMEOUT_MS = 10_000
const PORT_ATTEMPTS = 5

/**
 * Starts a redis-server of its own on a free port of 127.0.0.1, in a temporary folder, and waits until it answers. It dies
 * with this process, whatever the test does; it does not keep this process alive.
 * @throws Error if there is no binary, or with the end of the server's log if it does not start
 */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const found = findRedis()
  if (found.kind === 'url') {
    throw new Error(
      `This test starts, stops or kills a Redis of its own, and only a running server (${found.url}) was found. ` +
        'Install redis-server or valkey-server so that it is on PATH.',
    )
  }
  return onFreePorts(async () => {
    const server = new RedisServer(found.path, await freePort(), options)
    try {
      await server.start()
      return server
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
  })
}

/** Tries a start, which asks for free ports, with others as often as other processes take them meanwhile. */
export async function onFreePorts<R>(start: () => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start()
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === PORT_ATTEMPTS) throw error
    }
  }
}

class PortTakenError extends Error {}

/**
 * stopped -> start() -> running -> stop() or kill() -> stopped, and so on; pause() and resume() freeze and thaw a running
 * one. Port and folder stay the same all along. Disposing of it stops it and removes the folder.
 */
export class RedisServer implements AsyncDisposable {
  readonly host = '127.0.0.1'
  readonly port: number
  /** Holds the append-only file, if there is one, and redis.log. */
  readonly dir: string
  readonly #path: string
  readonly #args: string[]
  /** What the log says once it is up. */
  readonly #readyText: string
  readonly #forget: () => void
  #child: ChildProcess | undefined

  constructor(path: string, port: number, options: RedisServerOptions) {
    this.#path = path
    this.port = port
    this.dir = mkdtempSync(join(tmpdir(), 'jobledger-redis-'))
    this.#args = serverArguments(this.dir, port, options)
    this.#readyText = options.sentinel === undefined ? 'Ready to accept connections' : '+monitor'
    this.#forget = onProcessEnd(() => {
      this.#child?.kill('SIGKILL')
      rmSync(this.dir, { recursive: true, force: true })
    })
  }

  get url(): string {
    return `redis://${this.host}:${this.port}`
  }

  get logFile(): string {
    return join(this.dir, 'redis.log')
  }

  get isRunning(): boolean {
    return this.#child !== undefined && !hasEnded(this.#child)
  }

  /** @throws Error while the server is stopped */
  get pid(): number {
    return this.#running().pid ?? this.#fail('it never started')
  }

  async start(): Promise<void> {
    if (this.#child !== undefined) this.#fail('it is running already')
    const log = openSync(this.logFile, 'w')
    const child = spawn(this.#path, this.#args, { stdio: ['ignore', log, log] })
    closeSync(log)
    this.#child = child
    try {
      await once(child, 'spawn')
      child.unref()
      await eventually(() => this.#checkReady(child), { timeoutMs: START_TIMEOUT_MS })
      if (hasEnded(child)) throw new Error('it ended at once')
    } catch (error) {
      await this.kill()
      throw startError(error, readFileSync(this.logFile, 'utf8'))
    }
  }

  /** Lets it finish and write what it has to. Does nothing if it is stopped. */
  async stop(): Promise<void> {
    this.#child?.kill('SIGCONT')
    await this.#end('SIGTERM')
  }

  /** Ends it at once, paused or not, as a crash would. Does nothing if it is stopped. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.#end(signal)
  }

  /** stop(), unless it is stopped, and start() again on the same port and folder. */
  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** Freezes it: connections stay open, nothing answers. */
  pause(): void {
    this.#running().kill('SIGSTOP')
  }

  resume(): void {
    this.#running().kill('SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    this.#forget()
    rmSync(this.dir, { recursive: true, force: true })
  }

  async #checkReady(child: ChildProcess): Promise<void> {
    if (hasEnded(child)) return
    // The log before the PING: if another process took the port in between, its answer would pass for ours.
    if (!readFileSync(this.logFile, 'utf8').includes(this.#readyText)) throw new Error('it is not ready')
    await answerPing(this.port)
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.pid === undefined || hasEnded(child)) return
    child.ref()
    const ended = once(child, 'exit')
    const lastResort = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    child.kill(signal)
    await ended
    clearTimeout(lastResort)
  }

  #running(): ChildProcess {
    return this.#child ?? this.#fail('it is stopped')
  }

  #fail(reason: string): never {
    throw new Error(`redis-server on port ${this.port}: ${reason}`)
  }
}

function serverArguments(dir: string, port: number, options: RedisServerOptions): string[] {
  const { appendOnly = 'off', args = [], sentinel } = options
  if (sentinel !== undefined) {
    const file = join(dir, 'sentinel.conf')
    writeFileSync(file, ['bind 127.0.0.1', `port ${port}`, `dir ${dir}`, ...sentinel, ''].join('\n'))
    return [file, '--sentinel']
  }
  const persistence =
    appendOnly === 'off' ? ['--appendonly', 'no'] : ['--appendonly', 'yes', '--appendfsync', appendOnly]
  return ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', dir, '--save', '', ...persistence, ...args]
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function startError(error: unknown, log: string): Error {
  const message = `redis-server did not start: ${String(error)}. The end of its log:\n${log.slice(-2000)}`
  return log.includes('Address already in use') ? new PortTakenError(message) : new Error(message, { cause: error })
}

async function answerPing(port: number): Promise<void> {
  const socket = createConnection({ host: '127.0.0.1', port })
  socket.setTimeout(1000, () => socket.destroy(new Error('no answer to PING within a second')))
  socket.write('PING\r\n')
  try {
    const answer = String((await once(socket, 'data'))[0]).trim()
    // Refused for want of a password is an answer too.
    if (!answer.startsWith('+PONG') && !answer.startsWith('-NOAUTH')) throw new Error(`it answers ${answer}`)
  } finally {
    socket.destroy()
  }
}
