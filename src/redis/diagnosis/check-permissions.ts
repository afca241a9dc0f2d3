import { Topic, type Finding } from '../../diagnosis/finding.ts'
import type { PermissionFacts, Refusal } from './facts.ts'

/** Refusals that are told one by one. */
const MOST_TOLD = 5

/**
 * Whether the client's user may do what the store does.
 * @param permissions null if it could not be tried, as on a replica
 */
export function checkPermissions(permissions: PermissionFacts | null): Finding {
  const topic = new Topic('acl')
  if (permissions === null)
    return topic.unknown(
      'it could not be tried',
      'Ask again where the server takes writes: give its primary’s address.',
    )
  const { writing, besides } = permissions
  if (writing.length > 0)
    return topic.fail(
      `the user may not: ${listOf(writing)}`,
      'A write would stop there midway: give the user the rights that docs/operations.md lists.',
    )
  if (besides.length > 0)
    return topic.warn(
      `the user may not: ${listOf(besides)}`,
      'What needs it fails: give the user the rights that docs/operations.md lists.',
    )
  return topic.ok('the user may do all that the store does')
}

function listOf(refusals: readonly Refusal[]): string {
  const questions = [...new Set(refusals.map(({ question }) => question))]
  const more = questions.length - MOST_TOLD
  return questions.slice(0, MOST_TOLD).join('; ') + (more > 0 ? `; and ${more} more` : '')
}
