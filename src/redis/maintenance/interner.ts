/** Texts that are kept at once. */
const MAX = 10_000

/** Gives equal texts as one, so that a million jobs of one user do not keep the user's id a million times. */
export class Interner {
  #texts = new Map<string, string>()

  one(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    if (this.#texts.size >= MAX) this.#texts = new Map()
    this.#texts.set(text, text)
    return text
  }
}
