/** Makes a response that is taken for nothing but what it says it is, and is kept by nobody unless `headers` say so. */
export function respond(
  body: string | ReadableStream<Uint8Array> | null,
  contentType: string,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return new Response(body, {
    status,
    headers: {
      'Content-Type': contentType,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...headers,
    },
  })
}

/** There is nothing, and that may be another matter the next time. */
export function nothing(): Response {
  return new Response(null, { status: 204, headers: { 'Cache-Control': 'no-store' } })
}

export function json(body: string | ReadableStream<Uint8Array>, headers: Record<string, string> = {}): Response {
  return respond(body, 'application/json', { headers })
}
