/**
 * The body of an array of JSON texts, written as fast as it is read. An error in the midst of it breaks the response off,
 * so that nobody takes the part for the whole.
 */
export function jsonArray(first: string, rest: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let next = `[${first}`
  return new ReadableStream({
    async pull(controller) {
      controller.enqueue(encoder.encode(next))
      const { done, value } = await rest.next()
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
