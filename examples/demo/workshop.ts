import { setTimeout as sleep } from 'node:timers/promises'

import { VersionConflictError, type CommandOptions, type EventMeta, type JobStore } from '../../src/index.ts'
import { PATIENCE_MS, STEPS, type DemoJob, type Life } from './lives.ts'

const WORKERS = ['worker-1', 'worker-2', 'worker-3', 'worker-4']
const KEEP_MS = 30 * 86_400_000
const ARRIVAL_MS = 60
const IDLE_MS = 20
const BACKOFF_MS = 400

/**
 * The services around a job store, simulated: an api creates jobs and queues them, workers take them and report how far
 * they are, a scheduler has failed ones tried again, a user cancels. Who may work on what is decided here, not by the
 * store, which is no queue.
 */
export class Workshop {
  readonly #store: JobStore<DemoJob>
  readonly #run: string
  readonly #signal: AbortSignal
  readonly #failure = new AbortController()
  readonly #queue: Life[] = []
  readonly #failed: Life[] = []
  /** Jobs that somebody still has to do something about. */
  #open: number

  constructor(store: JobStore<DemoJob>, lives: readonly Life[], run: string, signal: AbortSignal) {
    this.#store = store
    this.#run = run
    this.#signal = signal
    this.#open = lives.filter(({ fate }) => fate !== 'expires').length
  }

  /** The api: stores a job as its user asked for it. */
  async accept(life: Life): Promise<void> {
    const { id, userId, kind, title, fate } = life
    const now = Date.now()
    const job: DemoJob = {
      id,
      userId,
      kind,
      title,
      status: 'pending',
      progress: { percent: 0 },
      retryCount: 0,
      maxRetries: 2,
      createdAt: new Date(now),
      expiresAt: new Date(now + (fate === 'expires' ? PATIENCE_MS : KEEP_MS)),
    }
    await this.#store.create(job, this.#by('api', life))
  }

  /** Everybody at once, until every job has come to its end. */
  async run(lives: readonly Life[]): Promise<void> {
    const users = lives.filter(({ fate }) => fate === 'cancelled').map((life) => this.#cancel(life))
    const all = [this.#receive(lives), this.#schedule(), ...WORKERS.map((worker) => this.#work(worker)), ...users]
    await Promise.all(all).catch((error: unknown) => {
      this.#failure.abort(error)
      throw error
    })
    for (const { id } of lives.filter(({ fate }) => fate === 'expires'))
      while ((await this.#store.findById(id)) !== null) await this.#wait(IDLE_MS)
    await this.#store.purgeExpired()
  }

  /** The api, once what a job needs is there. */
  async #receive(lives: readonly Life[]): Promise<void> {
    for (const life of lives) {
      await this.#wait(ARRIVAL_MS)
      if (life.fate === 'expires') continue
      await this.#store.updateStatus(life.id, 'queued', this.#by('api', life))
      this.#queue.push(life)
    }
  }

  async #work(worker: string): Promise<void> {
    while (this.#open > 0) {
      const life = this.#queue.shift()
      if (life === undefined) await this.#wait(IDLE_MS)
      else if ((await this.#perform(life, worker)) === 'failed') this.#failed.push(life)
      else this.#open--
    }
  }

  /** Each command expects the version that the one before it left: a worker notices when somebody else steps in. */
  async #perform(life: Life, worker: string): Promise<'done' | 'failed'> {
    const { id, stages, fate, stepMs } = life
    const by = this.#by(worker, life)
    const found = await this.#store.findRecord(id)
    if (found === null) throw new Error(`Job ${id} is gone before its time: does somebody else delete from this store?`)
    let version = found.version
    try {
      await this.#store.updateStatus(id, 'processing', { ...by, expectedVersion: version++ })
      for (let step = 1; step <= STEPS; step++) {
        await this.#wait(stepMs)
        if (step === STEPS / 2 && fate === 'failsOnce' && found.job.retryCount === 0) {
          const error = { code: 'GPU_OUT_OF_MEMORY', message: 'the model needs 9 GB, 6 GB are free', retryable: true }
          await this.#store.update(id, { status: 'failed', error }, { ...by, expectedVersion: version++ })
          return 'failed'
        }
        const progress = {
          percent: (step / STEPS) * 100,
          stage: stages[Math.ceil((step / STEPS) * stages.length) - 1] ?? '',
        }
        await this.#store.updateProgress(id, progress, { ...by, expectedVersion: version++ })
      }
      await this.#store.update(
        id,
        { status: 'completed', result: { url: `/results/${id}` } },
        { ...by, expectedVersion: version++ },
      )
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error
      const now = await this.#store.findById(id)
      if (now?.status !== 'cancelled') throw error
    }
    return 'done'
  }

  /** The scheduler: lets what failed be tried again, after a while. */
  async #schedule(): Promise<void> {
    while (this.#open > 0) {
      const life = this.#failed.shift()
      await this.#wait(life === undefined ? IDLE_MS : BACKOFF_MS)
      if (life === undefined) continue
      // undefined removes a field.
      const again: Record<string, unknown> = {
        status: 'queued',
        retryCount: 1,
        progress: { percent: 0 },
        error: undefined,
        completedAt: undefined,
      }
      await this.#store.update(life.id, again, this.#by('scheduler', life, 'retry 1 of 2'))
      this.#queue.push(life)
    }
  }

  /** A user who changes their mind half-way. */
  async #cancel(life: Life): Promise<void> {
    const isHalfWay = async (): Promise<boolean> =>
      ((await this.#store.findById(life.id))?.progress.percent ?? 100) >= 50
    while (!(await isHalfWay())) await this.#wait(IDLE_MS)
    await this.#store.updateStatus(life.id, 'cancelled', this.#by(life.userId, life, 'the wrong film'))
  }

  #by(actor: string, { id }: Life, reason?: string): CommandOptions {
    const meta: EventMeta = { actor, correlationId: `${this.#run}/${id}` }
    return { meta: reason === undefined ? meta : { ...meta, reason } }
  }

  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: AbortSignal.any([this.#signal, this.#failure.signal]) })
  }
}
