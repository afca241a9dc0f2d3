/** Characters of a hash that tell two forms of a job apart. */
const HASH_LENGTH = 16

/**
 * The tag of a job as it is shown at its version. What is shown is part of it, by its hash: the version may come again with
 * other content, in a store that lost acknowledged events or was begun anew, and a redaction may change. Weak, since a
 * proxy may compress it on its way.
 */
export async function entityTag(version: number, json: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(json))
  return `W/"${version}.${Buffer.from(hash).toString('base64url').slice(0, HASH_LENGTH)}"`
}

/** Whether an If-None-Match names the tag. */
export function namesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((named) => named.trim() === '*' || opaque(named) === opaque(tag))
}

/** Of weak tags and strong ones what they compare by. */
function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '')
}
