/** Events of which the first can not be read. */
export async function* failing(error: Error | null): AsyncGenerator<never> {
  if (error !== null) throw error
  yield* []
}
