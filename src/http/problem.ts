import {
  CursorGapError,
  HistoryTruncatedError,
  InvalidCursorError,
  InvalidJobError,
  LogRewoundError,
  ProjectionLostError,
  SlowConsumerError,
  StoreClosedError,
  StoreUnavailableError,
} from '../core/errors.ts'
import { plainJson } from '../plain-json.ts'
import { respond } from './respond.ts'

const TITLES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  410: 'Gone',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const

/** How long a client is asked to wait for a store that is away. */
const RETRY_AFTER_SECONDS = '5'

/**
 * Why a request is refused, as RFC 9457 writes it. `code` is stable; `detail` is for people, and says nothing of what goes
 * on inside; `facts` are further members, like the cursor to go on from.
 */
export class Problem extends Error {
  readonly status: keyof typeof TITLES
  readonly code: string
  readonly facts: Record<string, unknown>
  readonly headers: Record<string, string>

  constructor(
    status: keyof typeof TITLES,
    code: string,
    detail: string,
    { facts = {}, headers = {} }: { facts?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(detail)
    this.status = status
    this.code = code
    this.facts = facts
    this.headers = headers
  }

  /** The JSON of it. `type` is left out, which says that the status is all there is to it: about:blank. */
  get json(): string {
    const { status, code, message: detail, facts } = this
    return plainJson({ title: TITLES[status], status, code, detail, ...facts })
  }

  response(): Response {
    return respond(this.json, 'application/problem+json', { status: this.status, headers: this.headers })
  }
}

/** One answer for what is not there and for what is not the asker's to see. */
export function notFound(): Problem {
  return new Problem(404, 'NOT_FOUND', 'There is nothing here, or nothing that is yours.')
}

/**
 * A 401 has to name a scheme (RFC 9110), and which one `authorize` goes by is not known. Bearer is what most go by, and makes
 * no browser ask for a password, as Basic would where it goes by cookies.
 */
export function unauthorized(): Problem {
  return new Problem(401, 'UNAUTHORIZED', 'Say who you are: this needs a login.', {
    headers: { 'WWW-Authenticate': 'Bearer' },
  })
}

/** A parameter that is none. `expected` says what it may be. */
export function invalidParameter(name: string, expected: string): Problem {
  return new Problem(400, 'INVALID_PARAMETER', `${name}: expected ${expected}.`, { facts: { parameter: name } })
}

/** What a client is told of an error, whatever it is. No message of the store or of a driver gets out. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof CursorGapError) return new Problem(410, error.code, GAP, { facts: { oldest: error.oldest } })
  if (error instanceof LogRewoundError)
    return new Problem(410, error.code, REWOUND, { facts: { newest: error.newest } })
  if (error instanceof HistoryTruncatedError)
    return new Problem(410, error.code, 'A part of this history was compacted away just now. Ask again.')
  if (error instanceof InvalidCursorError)
    return new Problem(400, error.code, 'This is not a cursor of this store. Start again without one.')
  if (error instanceof InvalidJobError) return invalidParameter('status', 'one of the statuses that jobs here may have')
  if (error instanceof SlowConsumerError)
    return new Problem(503, error.code, 'You read too slowly. Go on after `cursor`: nothing is lost.', {
      facts: { cursor: error.cursor },
    })
  if (isAway(error))
    return new Problem(503, 'STORE_UNAVAILABLE', 'The jobs can not be read at the moment. Try again later.', {
      headers: { 'Retry-After': RETRY_AFTER_SECONDS },
    })
  return new Problem(500, 'INTERNAL_ERROR', 'Something went wrong here.')
}

const GAP = 'Events after this cursor were compacted away. Read the present state, then go on after `oldest`.'
const REWOUND =
  'The log ends before this cursor: events of it were lost. Read the present state, then go on after `newest`.'

function isAway(error: unknown): boolean {
  return (
    error instanceof StoreUnavailableError || error instanceof StoreClosedError || error instanceof ProjectionLostError
  )
}
