import { EventSource } from 'eventsource'

import type { JobEvent } from '../../src/index.ts'

/** An event as it comes over HTTP: its Date is text. */
export type ReceivedEvent = Omit<JobEvent, 'at'> & { at: string }

/**
 * A client of the API, which runs in several instances. It goes on to the next one when one does not answer: what a load
 * balancer does for a browser.
 */
export class Client {
  readonly #urls: readonly string[]
  readonly #token: string
  #at = 0

  constructor(urls: readonly string[], token: string) {
    this.#urls = urls
    this.#token = token
  }

  /** Hands a job in. @returns its path */
  async create(videoUrl: string, requestId: string): Promise<string> {
    const { status, headers } = await this.fetch('/jobs', {
      method: 'POST',
      body: JSON.stringify({ videoUrl }),
      headers: { 'Content-Type': 'application/json', 'X-Request-Id': requestId },
    })
    if (status !== 202) throw new Error(`POST /jobs: expected 202, got ${status}`)
    return headers.get('Location') ?? ''
  }

  /** The versions that a job has gone through, by the log. */
  async versionsOf(path: string): Promise<number[]> {
    const events = (await (await this.fetch(`${path}/history`)).json()) as ReceivedEvent[]
    return events.map(({ version }) => version)
  }

  /**
   * Follows the events of the user's jobs, each of them once: connected again, an EventSource says by itself which it has
   * seen last. Resolves when it is connected; to be closed.
   */
  async follow(onEvent: (event: ReceivedEvent) => void): Promise<EventSource> {
    const source = new EventSource('http://api/events', {
      fetch: (_, { headers, signal }) => this.fetch('/events', { headers, signal: signal as AbortSignal }),
    })
    source.addEventListener('message', ({ data }) => onEvent(JSON.parse(data as string) as ReceivedEvent))
    await new Promise((resolve) => source.addEventListener('open', resolve, { once: true }))
    return source
  }

  /** As fetch() does, at the instance that answers. A request that was sent and not answered is not sent again. */
  async fetch(
    path: string,
    init: { method?: string; body?: string; headers?: object; signal?: AbortSignal } = {},
  ): Promise<Response> {
    const headers = { ...init.headers, Authorization: `Bearer ${this.#token}` }
    try {
      return await fetch(`${this.#urls[this.#at]}${path}`, { ...init, headers })
    } catch (error) {
      this.#at = (this.#at + 1) % this.#urls.length
      throw error
    }
  }
}
