import type { Verb } from './contenders/contender.ts'
import { FLOORS, SQLITE_FLOOR } from './contenders/kinds.ts'
import { COUNTED_JOBS, EVENTS_A_HISTORY, JOBS } from './record.ts'

/** These do the least, or look after themselves. */
const UNCHECKED: readonly string[] = [...FLOORS, SQLITE_FLOOR]
/** These give nothing back for a change. */
const SILENT: readonly string[] = ['BullMQ', 'bee-queue']

/**
 * A contender that answers quickly because it answers wrongly must not be measured.
 * @throws Error saying what came
 */
export function checkResult(contender: string, verb: Verb, result: unknown): void {
  const wrong = UNCHECKED.includes(contender) ? null : wrongWith(contender, verb, result)
  if (wrong !== null) throw new Error(`${contender} can't be measured: its ${verb} gave ${wrong}.`)
}

function wrongWith(contender: string, verb: Verb, result: unknown): string | null {
  switch (verb) {
    case 'create':
      return null
    case 'updateProgress':
      return SILENT.includes(contender) || isObject(result) ? null : `${String(result)}, not the job`
    case 'findById':
    case 'findByIdCold':
      return isObject(result) ? null : `${String(result)}, not the job`
    case 'findByUserId':
      return lengthOf(result) === 20 ? null : `${lengthOf(result)} jobs, not 20`
    case 'history':
      return lengthOf(result) === EVENTS_A_HISTORY ? null : `${lengthOf(result)} events, not ${EVENTS_A_HISTORY}`
    case 'countByStatus': {
      // In BullMQ, no worker has taken any job: all of them wait.
      const expected = contender === 'BullMQ' ? JOBS : COUNTED_JOBS
      return result === expected ? null : `${String(result)}, not ${expected}`
    }
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0
}
