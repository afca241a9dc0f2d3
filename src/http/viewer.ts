import { isId } from '../core/check.ts'
import { notFound, unauthorized } from './problem.ts'

/** Who is asking: a user, who sees what the store says is theirs, or an admin, who sees all. */
export type Viewer = { userId: string } | 'admin'

/** Says who is asking; null: nobody who may. */
export type Authorize = (request: Request) => Promise<Viewer | null> | Viewer | null

/** @throws Problem (401) also if `authorize` throws, which onError is told */
export async function viewerOf(
  request: Request,
  authorize: Authorize,
  onError: (error: unknown, request: Request) => void,
): Promise<Viewer> {
  let answer: unknown
  try {
    answer = await authorize(request)
    if (isViewer(answer)) return answer === 'admin' ? answer : { userId: answer.userId }
    if (answer !== null) throw new TypeError("authorize: expected { userId }, 'admin' or null; it gave something else.")
  } catch (error) {
    onError(error, request)
  }
  throw unauthorized()
}

/** Whether what belongs to this user may be seen. */
export function sees(viewer: Viewer, userId: string): boolean {
  return viewer === 'admin' || viewer.userId === userId
}

/** @throws Problem (404) unless what belongs to this user may be seen */
export function requireSight(viewer: Viewer, userId: string): void {
  if (!sees(viewer, userId)) throw notFound()
}

export function isSameViewer(one: Viewer, other: Viewer): boolean {
  return one === 'admin' || other === 'admin' ? one === other : one.userId === other.userId
}

function isViewer(answer: unknown): answer is Viewer {
  return answer === 'admin' || isId((answer as { userId?: unknown } | null | undefined)?.userId)
}
