/** One message of a stream of server-sent events. No field may hold the end of a line. */
export interface Message {
  /** What the client sends back as Last-Event-ID; without one, it keeps the one that it has. */
  id?: string
  /** The message's event; 'message' without one. */
  event?: string
  /** Null if there is none: then a client notes the id, and has nothing to show. */
  data: string | null
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

/**
 * Tells a client where it stands before anything has come. By the standard an id alone says it. The package `eventsource`
 * passes over what has no data, so whoever accepts event streams by name, as every EventSource does, gets a message
 * `position` with empty data. Others may take whatever has data for an event: they get the id alone.
 */
export function positionMessage(id: string, accept: string | undefined): Message {
  return accept?.includes('text/event-stream') === true ? { id, event: 'position', data: '' } : { id, data: null }
}

export function formatMessage({ id, event, data }: Message): string {
  const lines: string[] = []
  if (id !== undefined) lines.push(`id: ${id}\n`)
  if (event !== undefined) lines.push(`event: ${event}\n`)
  if (data !== null) lines.push(data === '' ? 'data\n' : `data: ${data}\n`)
  return `${lines.join('')}\n`
}
