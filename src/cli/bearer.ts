import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

import { UsageError } from './exit-codes.ts'

export const TOKEN_VARIABLE = 'JOBLEDGER_TOKEN'

const LEAST_LENGTH = 16
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** What lets a client in. */
export interface Token {
  text: string
  /** By the environment; else it was made up for this run. */
  isGiven: boolean
}

/**
 * The token of the environment, or one made up; but what others than this machine can reach needs one that its owner has
 * chosen, and so can keep.
 * @throws UsageError
 */
export function readToken(env: Record<string, string | undefined>, host: string): Token {
  const given = env[TOKEN_VARIABLE]
  if (given !== undefined && given !== '') {
    if (!/^[\w.~+/=-]+$/.test(given) || given.length < LEAST_LENGTH)
      throw new UsageError(
        `${TOKEN_VARIABLE}: expected ${LEAST_LENGTH} or more letters, digits or any of . _ ~ + / = -`,
      )
    return { text: given, isGiven: true }
  }
  if (!LOOPBACK.has(host))
    throw new UsageError(`--host ${host} can be reached from elsewhere: set ${TOKEN_VARIABLE}, which asks for a token.`)
  return { text: randomBytes(24).toString('base64url'), isGiven: false }
}

/** Lets in who has the token, to see all. In a header only: what stands in a URL gets into logs and histories. */
export function authorizeBearer(token: string): (request: Request) => 'admin' | null {
  const expected = digest(token)
  return (request) => {
    // The name of a scheme has no case.
    const given = /^bearer +(.*)$/i.exec(request.headers.get('Authorization') ?? '')?.[1]
    return given !== undefined && timingSafeEqual(digest(given), expected) ? 'admin' : null
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
