import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

import type { JobCore } from '../../src/index.ts'
import { aRecord } from '../record.ts'

/** Jobs whose bytes are counted. */
export interface Records {
  /** What they are, in a few words. */
  title: string
  jobs: number
  at: (index: number) => JobCore
  /** What they end with. */
  result: (index: number) => unknown
}

const EXPIRES_AT = new Date(Date.UTC(2100, 0, 1))

/** Videos: a URL of 43 characters, options of 120 bytes, metadata of 400, a result of 2 KiB. */
export function videoRecords(jobs: number): Records {
  return { title: 'video jobs, 660 bytes of body', jobs, at: (index) => aRecord(index), result: aResult }
}

/** The jobs of a trace: lines of JSON with id, user, start and runSeconds, gzipped or not. */
export function traceRecords(path: string, most: number): Records {
  const bytes = readFileSync(path)
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8')
  const lines = text.split('\n').filter((line) => line !== '')
  const jobs = lines.slice(0, most).map((line) => {
    const { id, user, start, ...own } = JSON.parse(line) as { id: string; user: string; start: number }
    const job: JobCore = {
      ...own,
      id,
      userId: user,
      status: 'pending',
      progress: { percent: 0 },
      retryCount: 0,
      maxRetries: 0,
      createdAt: new Date(start * 1000),
      expiresAt: EXPIRES_AT,
    }
    return job
  })
  return {
    title: 'jobs of the trace',
    jobs: jobs.length,
    at: (index) => jobs[index] as JobCore,
    result: (index) => ({ exitCode: index % 3 }),
  }
}

/** About 2 KiB as JSON. */
function aResult(index: number): unknown {
  return {
    files: Array.from({ length: 12 }, (_, part) => ({
      url: `https://cdn.example.com/out/${index}/segment-${part}.m4s`,
      bytes: 1_048_576 + ((index * 7_919 + part * 104_729) % 900_000),
      sha256: ((index + 1) * (part + 7) * 2_654_435_761).toString(16).padStart(16, '0').repeat(4),
    })),
    encodedIn: index % 3_600,
  }
}
