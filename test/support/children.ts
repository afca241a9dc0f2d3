import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

import { onProcessEnd } from './process-end.ts'
import { programPath } from './repository.ts'

/** Starts a program in a process of its own, with this one's loader. It dies with this one. */
export function startFixture(file: URL, ...parameters: string[]): ChildProcess {
  const child = fork(programPath(file), parameters, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const forget = onProcessEnd(() => child.kill('SIGKILL'))
  child.once('exit', forget)
  return child
}

/** The next message of a child. @throws if it ends before */
export async function messageOf<M>(child: ChildProcess): Promise<M> {
  if (child.exitCode !== null || child.signalCode !== null)
    throw new Error(`the child has ended (${String(child.exitCode ?? child.signalCode)})`)
  const settled = new AbortController()
  const { signal } = settled
  const ended = once(child, 'exit', { signal }).then(([code, end]) => {
    throw new Error(`the child ended (${String(code ?? end)}) without a message`)
  })
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [M]
    return message
  } finally {
    // Or each message that is waited for would leave its listeners behind.
    settled.abort()
    ended.catch(() => undefined)
  }
}
