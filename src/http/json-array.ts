/**
 * The body of an array of JSON texts, written as fast as it is read. An error in the midst of it breaks the response off,
 * so that nobody takes the part for the whole.
 * @param onError told of that error, which the client can not be told any more
 */
export function jsonArray(
  first: string,
  rest: AsyncGenerator<string>,
  onError: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let next = `[${first}`
  return new ReadableStream({
    async pull(controller) {
      controller.enqueue(encoder.encode(next))
      const { done, value } = await nextOf(rest, onError)
      if (done !== true) next = `,${value}`
      else {
        controller.enqueue(encoder.encode(']'))
        controller.close()
      }
    },
    async cancel() {
      await rest.return(undefined)
    },
  })
}

async function nextOf(
  texts: AsyncGenerator<string>,
  onError: (error: unknown) => void,
): Promise<IteratorResult<string>> {
  try {
    return await texts.next()
  } catch (error) {
    onError(error)
    throw error
  }
}
