import { type Job as QueueJob, Queue } from 'bullmq'

import { runAll } from '../measure.ts'
import { aRecord, FIRST_CREATED, idOf, JOBS, progressOf } from '../record.ts'
import type { Contender, Task, Verb } from './contender.ts'

/**
 * BullMQ's nearest verbs, on one connection of its own: add, job.updateProgress on a Job that is held (it gives nothing
 * back), getJob, getJobCounts of one state. It has no lists by user and no history.
 */
export class BullMq implements Contender {
  readonly name = 'BullMQ'
  readonly isOnServer = true
  readonly #queue: Queue
  readonly #jobs: QueueJob[] = []
  #created = FIRST_CREATED

  constructor(url: string, db: number) {
    const { hostname, port } = new URL(url)
    this.#queue = new Queue('bench', { connection: { host: hostname, port: Number(port), db } })
  }

  async fill(): Promise<void> {
    await this.#queue.waitUntilReady()
    await runAll(JOBS, async (turn) => {
      this.#jobs[turn] = await this.#add(turn)
    })
  }

  async begin(verb: Verb): Promise<Task | null> {
    switch (verb) {
      case 'create':
        return { run: () => this.#add(this.#created++) }
      case 'updateProgress':
        return { run: (turn) => (this.#jobs[turn % JOBS] as QueueJob).updateProgress(progressOf(turn)) }
      case 'findById':
      case 'findByIdCold':
        return { run: (turn) => this.#queue.getJob(idOf(turn % JOBS)) }
      case 'countByStatus':
        return { run: async () => (await this.#queue.getJobCounts('wait'))['wait'] }
      case 'findByUserId':
      case 'history':
        return null
    }
  }

  close(): Promise<void> {
    return this.#queue.close()
  }

  /** The same body and user; what else a job of ours has, BullMQ keeps in its own way. */
  #add(index: number): Promise<QueueJob> {
    const { id, userId, videoUrl, videoId, options, videoMetadata } = aRecord(index)
    return this.#queue.add('transcode', { userId, videoUrl, videoId, options, videoMetadata }, { jobId: id })
  }
}
