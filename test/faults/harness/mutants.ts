/** A defect that a scenario must notice. */
export interface Mutant {
  /** What is wrong with the package. */
  name: string
  /** In the built package: lua/… as it stands here, dist/… as tsc writes it from src/…. */
  file: string
  /** Stands there exactly once. */
  text: string
  inItsPlace: string
}

/** All of them; mutants.test.ts holds them to the sources. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a batch that comes again is applied again',
    file: 'lua/lib/writer.lua',
    text: 'if batch <= newestBatch then',
    inItsPlace: 'if false then',
  },
  {
    name: 'a batch is sent again under a new number',
    file: 'dist/redis/link.js',
    text: 'return this.caller.call((redis) => {',
    inItsPlace: `return this.caller.call((redis) => {
            if (name === 'apply') args = [args[0], args[1] + Math.random(), 1, 0, ...args.slice(4)];`,
  },
]
