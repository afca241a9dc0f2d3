import type { JobCore, JobStatus } from '../../src/index.ts'

/** What the demo's jobs have besides what every job has. */
export interface DemoJob extends JobCore {
  status: JobStatus
  kind: 'video' | 'ai' | 'import'
  title: string
}

/** A job that the demo makes up, and how its life goes. */
export interface Life {
  id: string
  userId: string
  kind: DemoJob['kind']
  title: string
  /** What it goes through, in equal parts. */
  stages: readonly string[]
  /** Between two reports of progress. */
  stepMs: number
  /** completes; failsOnce: at half the way, and is tried again; cancelled: by its user, at half the way; expires: nobody starts it. */
  fate: 'completes' | 'failsOnce' | 'cancelled' | 'expires'
}

/** Reports of progress that a whole life has. */
export const STEPS = 10

/** How long a job may wait that is to expire, from its creation. */
export const PATIENCE_MS = 2500

const VIDEO = ['downloading', 'transcoding', 'uploading']
const AI = ['loading the model', 'inferring', 'scoring']
const IMPORT = ['reading', 'validating', 'writing']

/** @param suffix stands behind each id, where ids without it may be taken */
export function livesOf(suffix: string): Life[] {
  const life = (
    name: string,
    userId: string,
    title: string,
    stepMs: number,
    fate: Life['fate'] = 'completes',
  ): Life => {
    const kind = name.split('-', 1)[0] as Life['kind']
    return {
      id: name + suffix,
      userId,
      kind,
      title,
      stages: { video: VIDEO, ai: AI, import: IMPORT }[kind],
      stepMs,
      fate,
    }
  }
  return [
    life('video-1', 'alice', 'Holiday film, 1080p', 130),
    life('ai-2', 'alice', 'Captions for the holiday film', 95, 'failsOnce'),
    life('import-3', 'bob', 'contacts.csv, 12,000 rows', 85),
    life('video-4', 'bob', 'Drone flight, 4K', 150, 'cancelled'),
    life('video-5', 'alice', 'An upload that never came', 0, 'expires'),
    life('ai-6', 'carol', 'Summary of the board meeting', 105),
    life('import-7', 'carol', 'orders.xml, 3,400 orders', 75),
    life('video-8', 'bob', 'Product teaser, square', 110),
    life('ai-9', 'alice', 'The best frame for a thumbnail', 90),
    life('import-10', 'bob', 'photos.zip, 840 files', 100),
    life('video-11', 'carol', 'Webinar, three qualities', 120),
    life('ai-12', 'carol', 'Translation to Portuguese', 85),
  ]
}
