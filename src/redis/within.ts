/** Waits for work, but no longer than that. @param late what is thrown then */
export async function within<R>(
  work: Promise<R>,
  ms: number,
  late: () => Error = () => new Error(`no answer within ${ms} ms`),
): Promise<R> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
