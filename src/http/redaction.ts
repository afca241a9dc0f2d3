import type { JobCore } from '../core/job.ts'

/** Takes out a webhook's secret, which is for the program that calls it. */
export function withoutSecret<T extends JobCore>(fields: Partial<T>): Partial<T> {
  const webhook: unknown = fields.webhook
  if (typeof webhook !== 'object' || webhook === null || !('secret' in webhook)) return fields
  const { secret: _, ...shown } = webhook
  return { ...fields, webhook: shown }
}
