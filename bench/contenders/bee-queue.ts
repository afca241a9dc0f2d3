import Queue from 'bee-queue'

import { runAll } from '../measure.ts'
import { aRecord, FIRST_CREATED, idOf, JOBS, progressOf } from '../record.ts'
import type { Contender, Task, Verb } from './contender.ts'

/**
 * bee-queue's nearest verbs: save (a field of one hash and an entry of one list), reportProgress on a Job that is held
 * (in version 2 no more than a PUBLISH: nothing is kept), getJob. It has no lists by user, no counts and no history.
 */
export class BeeQueue implements Contender {
  readonly name = 'bee-queue'
  readonly isOnServer = true
  readonly #queue: Queue
  readonly #jobs: Queue.Job<object>[] = []
  #created = FIRST_CREATED

  constructor(url: string, db: number) {
    const { hostname, port } = new URL(url)
    const redis = { host: hostname, port: Number(port), db }
    // With jobs in its own memory, or events to hear, it would do more than the verbs ask for.
    this.#queue = new Queue('bench', { redis, isWorker: false, getEvents: false, storeJobs: false })
  }

  async fill(): Promise<void> {
    await this.#queue.ready()
    await runAll(JOBS, async (turn) => {
      this.#jobs[turn] = await this.#save(turn)
    })
  }

  async begin(verb: Verb): Promise<Task | null> {
    switch (verb) {
      case 'create':
        return { run: () => this.#save(this.#created++) }
      case 'updateProgress':
        return { run: async (turn) => this.#jobs[turn % JOBS]?.reportProgress(progressOf(turn)) }
      case 'findById':
      case 'findByIdCold':
        return { run: (turn) => this.#queue.getJob(idOf(turn % JOBS)) }
      case 'findByUserId':
      case 'countByStatus':
      case 'history':
        return null
    }
  }

  async close(): Promise<void> {
    await this.#queue.close()
  }

  /** The same body and user as the others'. */
  #save(index: number): Promise<Queue.Job<object>> {
    const { id, userId, videoUrl, videoId, options, videoMetadata } = aRecord(index)
    return this.#queue.createJob<object>({ userId, videoUrl, videoId, options, videoMetadata }).setId(id).save()
  }
}
