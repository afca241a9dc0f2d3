/** One message of a stream of server-sent events. No field may hold the end of a line. */
export interface Message {
  /** What the client sends back as Last-Event-ID; without one, it keeps the one that it has. */
  id?: string
  /** The message's event; 'message' without one. */
  event?: string
  data: string
}

/** Keeps the connection open through proxies; clients pass it over. */
export const HEARTBEAT = ': \n\n'

/** How long clients wait before they connect again, in milliseconds. */
export const RETRY_HINT = 'retry: 2000\n\n'

export const SSE_HEADERS = {
  // A proxy that changes or gathers the stream would hold messages back.
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
}

export function formatMessage({ id, event, data }: Message): string {
  const first = (id === undefined ? '' : `id: ${id}\n`) + (event === undefined ? '' : `event: ${event}\n`)
  return `${first}data: ${data}\n\n`
}
