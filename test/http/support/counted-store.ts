import { MemoryJobStore } from '../../../src/memory/memory-job-store.ts'
import type { AnyJob } from '../../contract/harness.ts'

/** A store that knows how many subscriptions have begun and not ended. */
export class CountedStore extends MemoryJobStore<AnyJob> {
  open = 0
  begun = 0

  override subscribe(
    ...given: Parameters<MemoryJobStore<AnyJob>['subscribe']>
  ): ReturnType<MemoryJobStore<AnyJob>['subscribe']> {
    return this.#counted(super.subscribe(...given))
  }

  override watch(...given: Parameters<MemoryJobStore<AnyJob>['watch']>): ReturnType<MemoryJobStore<AnyJob>['watch']> {
    return this.#counted(super.watch(...given))
  }

  async *#counted<E>(events: AsyncIterable<E>): AsyncGenerator<E> {
    this.open++
    this.begun++
    try {
      yield* events
    } finally {
      this.open--
    }
  }
}
