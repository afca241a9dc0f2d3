/** Does something as after a stall of the whole process: its clock is ahead by so much. */
export async function withStall<R>(ms: number, body: () => Promise<R>): Promise<R> {
  const now = performance.now
  performance.now = () => now.call(performance) + ms
  try {
    return await body()
  } finally {
    performance.now = now
  }
}
