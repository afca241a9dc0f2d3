/** What jobledger/http promises: programs written against it must compile against the package. */
import type { Job, JobCore, JobStore } from './surface.ts'

export interface HttpOptions<T extends JobCore = Job> {
  authorize: (request: Request) => Promise<{ userId: string } | 'admin' | null> | { userId: string } | 'admin' | null
  basePath?: string
  heartbeatMs?: number
  redact?: (fields: Partial<T>) => Partial<T>
}
export declare function createHandler<T extends JobCore = Job>(
  store: JobStore<T>,
  options: HttpOptions<T>,
): (request: Request) => Promise<Response>
