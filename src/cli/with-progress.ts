import type { ReplayOptions } from '../contract.ts'
import type { Context } from './context.ts'
import { ProgressBar } from './terminal/progress-bar.ts'

/** Does long work that Ctrl-C may stop. On a terminal, stderr shows how far it is: events done, rate, time left. */
export async function withProgress<R>(
  { surroundings, progress }: Context,
  work: (options: Required<ReplayOptions>) => Promise<R>,
): Promise<R> {
  const { signal } = surroundings
  if (!progress.isLive) return work({ signal, onProgress: () => {} })
  const bar = new ProgressBar(progress, 'event')
  try {
    return await work({ signal, onProgress: ({ events, fraction }) => bar.update({ done: events, fraction }) })
  } finally {
    bar.erase()
  }
}
