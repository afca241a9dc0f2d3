import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One process of the example. */
export interface Running extends AsyncDisposable {
  name: string
  child: ChildProcess
  /** Of an API. */
  url: string
}

/** Starts an API or a worker, and waits until it is ready. It ends with the process that started it. */
export async function start(
  program: 'api' | 'worker',
  name: string,
  env: { REDIS_URL: string; PREFIX: string; STEP_MS?: string },
): Promise<Running> {
  const child = fork(fileURLToPath(new URL(`${program}${extname(import.meta.url)}`, import.meta.url)), {
    env: { ...process.env, ...env, NAME: name },
  })
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${name} ended with ${String(code)}`)))
  const [url] = (await Promise.race([once(child, 'message'), ended])) as [string]
  ended.catch(() => {})
  return { name, child, url, [Symbol.asyncDispose]: () => stop(child, 'SIGTERM') }
}

/** Ends a process, unless it has ended, and waits until it has. */
export async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}
