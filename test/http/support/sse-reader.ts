import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

const PATIENCE_MS = 10_000

/** A message of a stream, as a client gets it. */
export interface Received {
  /** Null if the message has none. */
  id: string | null
  event: string
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON
  data: any
}

/** Reads a stream of server-sent events, as far as it is asked to. */
export class SseReader {
  /** All that was read, comments and hints too. */
  text = ''
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #decoder = new TextDecoder()
  readonly #waiting: Received[] = []
  #rest = ''

  constructor(response: Response) {
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'text/event-stream'])
    assert.ok(response.body !== null)
    this.#reader = response.body.getReader()
  }

  /** The next message; null at the end. */
  async next(): Promise<Received | null> {
    while (this.#waiting.length === 0) {
      const { done, value } = await this.#chunk()
      if (done) return null
      this.#take(this.#decoder.decode(value, { stream: true }))
    }
    return this.#waiting.shift() ?? null
  }

  async take(count: number): Promise<Received[]> {
    const messages: Received[] = []
    while (messages.length < count) {
      const message = await this.next()
      assert.ok(message !== null, `the stream ended after ${messages.length} of ${count} messages`)
      messages.push(message)
    }
    return messages
  }

  /** All messages up to the end. */
  async rest(): Promise<Received[]> {
    const messages: Received[] = []
    for (let message = await this.next(); message !== null; message = await this.next()) messages.push(message)
    return messages
  }

  /** Reads what has come, be it a message or not. */
  async read(): Promise<void> {
    const { value } = await this.#chunk()
    this.#take(this.#decoder.decode(value, { stream: true }))
  }

  cancel(): Promise<void> {
    return this.#reader.cancel()
  }

  /** @throws if nothing comes, rather than to wait for ever */
  async #chunk(): ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']> {
    const settled = new AbortController()
    const expiry = delay(PATIENCE_MS, undefined, { signal: settled.signal }).then(() => {
      throw new Error(`nothing came within ${PATIENCE_MS} ms, and no end`)
    })
    try {
      return await Promise.race([this.#reader.read(), expiry])
    } finally {
      settled.abort()
      expiry.catch(() => {})
    }
  }

  #take(text: string): void {
    this.text += text
    const blocks = (this.#rest + text).split('\n\n')
    this.#rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1]
      if (data === undefined) continue
      const id = /^id: (.*)$/m.exec(block)?.[1] ?? null
      this.#waiting.push({ id, event: /^event: (.*)$/m.exec(block)?.[1] ?? 'message', data: JSON.parse(data) })
    }
  }
}
