import { SlowConsumerError } from '../core/errors.ts'
import { problemOf, unauthorized } from './problem.ts'
import { formatMessage, HEARTBEAT, RETRY_HINT, type Message } from './sse.ts'

/** Bytes that are held for a client that does not read, beside what its socket holds. */
const HIGH_WATER_BYTES = 16_384

/** What a stream is made of, and who watches over it. */
export interface StreamParts {
  messages: AsyncIterator<Message>
  /** Ends `messages` and all that they stand on. */
  subscription: AbortController
  /** Aborts when the client is gone. */
  client: AbortSignal
  heartbeatMs: number
  /** Between two looks at whether the client may still read, and whether it does. */
  checkMs: number
  /** Resolves if the client may still read. */
  check: () => Promise<void>
  onError: (error: unknown) => void
}

/**
 * A stream of server-sent events. Messages are taken as the client reads: while it does not, they wait in the
 * subscription, whose buffer is bounded. It ends
 *
 * - when the messages end;
 * - when the client cancels it, or is gone;
 * - with a last message `problem`: when the messages fail; when the client may not read any more; when the client has read
 *   too slowly for the subscription's buffer, or nothing between two checks. Then its id says where to go on.
 *
 * However it ends, the subscription is freed at once.
 */
export function eventStream(parts: StreamParts): ReadableStream<Uint8Array> {
  const stream = new EventStream(parts)
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => stream.start(controller),
      pull: () => stream.pull(),
      cancel: () => stream.free(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_BYTES }),
  )
}

const encoder = new TextEncoder()

class EventStream {
  readonly #parts: StreamParts
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null
  #heartbeat: ReturnType<typeof setInterval> | undefined
  #checking: ReturnType<typeof setInterval> | undefined
  #isCheckUnderWay = false
  #wasStalled = false
  #lastId = ''

  constructor(parts: StreamParts) {
    this.#parts = parts
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const { client, heartbeatMs, checkMs } = this.#parts
    this.#controller = controller
    if (client.aborted) return this.#end()
    client.addEventListener('abort', this.#end)
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs)
    this.#checking = setInterval(() => void this.#check(), checkMs)
    this.#write(RETRY_HINT)
  }

  async pull(): Promise<void> {
    try {
      const { done, value } = await this.#parts.messages.next()
      if (done === true) this.#end()
      else this.#send(value)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Idempotent. */
  free(): void {
    const { client, subscription, messages, onError } = this.#parts
    this.#controller = null
    clearInterval(this.#heartbeat)
    clearInterval(this.#checking)
    client.removeEventListener('abort', this.#end)
    subscription.abort()
    // While nobody reads, the messages wait in their midst, where no signal is looked at.
    messages.return?.().catch(onError)
  }

  readonly #end = (): void => {
    this.#controller?.close()
    this.free()
  }

  #fail(error: unknown): void {
    if (this.#controller === null) return
    const problem = problemOf(error)
    const where = error instanceof SlowConsumerError && error.cursor !== '' ? { id: error.cursor } : {}
    this.#send({ ...where, event: 'problem', data: problem.json })
    this.#end()
    if (problem.status >= 500 && !(error instanceof SlowConsumerError)) this.#parts.onError(error)
  }

  #send(message: Message): void {
    this.#wasStalled = false
    this.#lastId = message.id ?? this.#lastId
    this.#write(formatMessage(message))
  }

  #write(text: string): void {
    this.#controller?.enqueue(encoder.encode(text))
  }

  get #isFull(): boolean {
    return (this.#controller?.desiredSize ?? 0) <= 0
  }

  /** A client that has not read what was sent needs no sign of life. */
  #beat(): void {
    if (!this.#isFull) this.#write(HEARTBEAT)
  }

  async #check(): Promise<void> {
    try {
      // It has not been answered since the last time: whoever can not say that they may, may not.
      if (this.#isCheckUnderWay) throw unauthorized()
      this.#isCheckUnderWay = true
      await this.#parts.check()
      this.#isCheckUnderWay = false
    } catch (error) {
      return this.#fail(error)
    }
    if (this.#isFull && this.#wasStalled) this.#fail(SlowConsumerError.of(this.#lastId))
    this.#wasStalled = this.#isFull
  }
}
