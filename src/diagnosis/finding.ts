/**
 * ok: as it should be. warn: it works, and less is promised than could be, or trouble is near. fail: a promise of the
 * store does not hold as things are. unknown: nothing that could be asked says it.
 */
export type Verdict = 'ok' | 'warn' | 'fail' | 'unknown'

/** What one check of a store, or of the server below it, found. */
export interface Finding {
  verdict: Verdict
  /** What was looked at, in a word or two. */
  topic: string
  /** Of several servers, which one. */
  where: string | null
  /** How it is. */
  found: string
  /** What to change, and why; null if nothing is to be done. */
  advice: string | null
}

/** Findings about one topic. */
export class Topic {
  readonly #topic: string
  readonly #where: string | null

  constructor(topic: string, where: string | null = null) {
    this.#topic = topic
    this.#where = where
  }

  ok(found: string): Finding {
    return this.#finding('ok', found, null)
  }

  warn(found: string, advice: string): Finding {
    return this.#finding('warn', found, advice)
  }

  fail(found: string, advice: string): Finding {
    return this.#finding('fail', found, advice)
  }

  unknown(found: string, advice: string): Finding {
    return this.#finding('unknown', found, advice)
  }

  #finding(verdict: Verdict, found: string, advice: string | null): Finding {
    return { verdict, topic: this.#topic, where: this.#where, found, advice }
  }
}
