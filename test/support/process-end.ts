/** One listener for all, since Node warns of a leak at more than ten. */
const callbacks = new Set<() => void>()

/**
 * Calls back when this process ends, also by SIGTERM or SIGINT: for what must not outlive it. Only synchronous work is done.
 * @returns a function that takes the callback back
 */
export function onProcessEnd(callback: () => void): () => void {
  if (callbacks.size === 0) listen()
  callbacks.add(callback)
  return () => {
    callbacks.delete(callback)
    if (callbacks.size === 0) unlisten()
  }
}

function listen(): void {
  process.on('exit', callAll)
  process.on('SIGTERM', exitOnTerminate)
  process.on('SIGINT', exitOnInterrupt)
}

function unlisten(): void {
  process.off('exit', callAll)
  process.off('SIGTERM', exitOnTerminate)
  process.off('SIGINT', exitOnInterrupt)
}

function callAll(): void {
  for (const callback of callbacks) callback()
}

function exitOnTerminate(): void {
  process.exit(128 + 15)
}

function exitOnInterrupt(): void {
  process.exit(128 + 2)
}
