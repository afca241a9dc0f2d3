import { describe } from './core/errors.ts'
import { printable } from './core/printable.ts'

/**
 * A callback of the user's that fails none of the calls that it happens to come with: if it fails, at once or later, the
 * process is warned.
 */
export function harmless<A extends unknown[]>(name: string, callback: (...given: A) => unknown): (...given: A) => void {
  const call = async (given: A): Promise<void> => {
    try {
      await callback(...given)
    } catch (error) {
      const reason = error instanceof Error ? error.message : describe(error)
      process.emitWarning(`${name} failed: ${printable(reason)}`, {
        type: 'JobStoreWarning',
        code: 'JOBLEDGER_CALLBACK',
      })
    }
  }
  return (...given) => void call(given)
}
