import type { ChainableCommander } from 'ioredis'

import type { Refusal } from './facts.ts'

/** What each of some questions brought; null for those that were refused. */
export async function answers(refusals: Refusal[], subject: string, questions: ChainableCommander): Promise<unknown[]> {
  try {
    const replies = (await questions.exec()) ?? []
    return replies.map(([error, reply]) => {
      if (error !== null) refusals.push({ question: subject, reason: error.message })
      return error === null ? reply : null
    })
  } catch (error) {
    // One that may not be asked at all spoils the others with it.
    if (!(error instanceof Error) || error.name !== 'ReplyError') throw error
    const { previousErrors } = error as Error & { previousErrors?: Error[] }
    refusals.push({ question: subject, reason: previousErrors?.[0]?.message ?? error.message })
    return []
  }
}
