import type { JobEvent } from '../../core/event.ts'
import type { JobCore } from '../../core/job.ts'
import { dateTime } from '../terminal/text.ts'
import { describeEvent, describeValue } from './describe.ts'

const LONGEST_TYPE = 'statusChanged'.length

/** An event on one line: time, type, job and version, user, actor, what changed. @param longest columns of a value */
export function eventLine<T extends JobCore>(event: JobEvent<T>, longest?: number): string {
  const { at, type, jobId, version, userId, meta } = event
  return [
    dateTime(at),
    type.padEnd(LONGEST_TYPE),
    `${jobId} v${version}`,
    userId,
    describeValue('actor', meta?.actor, { longest }),
    describeEvent(null, event, longest),
  ].join('  ')
}
