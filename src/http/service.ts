import type { Context } from 'hono'

import type { JobStore } from '../contract.ts'
import type { JobCore } from '../core/job.ts'
import type { HttpSettings } from './options.ts'
import type { Representation } from './representation.ts'
import type { Viewer } from './viewer.ts'

/** Events that wait for a client that is behind. */
export const BUFFERED_EVENTS = 1000

/** What every route works with. */
export interface Service<T extends JobCore> {
  store: JobStore<T>
  settings: HttpSettings<T>
  show: Representation<T>
  /** Between two times that a stream asks whether its client may still read. */
  checkMs: number
}

/** What is known of a request once it is let in. */
export interface Env {
  Variables: { viewer: Viewer }
}

/** A request to a route whose path has this parameter. */
export type Call<Path extends string = string> = Context<Env, Path>
