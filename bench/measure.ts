import type { Contender, Task, Verb } from './contenders/contender.ts'
import { checkResult } from './check-result.ts'
import type { ServerClock } from './server-clock.ts'

/** One contender's share of one round. */
export interface Round {
  /** Calls that were made. */
  calls: number
  ms: number
  /** CPU time of this process a call, in microseconds. */
  clientUs: number
  /** CPU time of redis-server a call, in microseconds; null if the contender is not on it. */
  serverUs: number | null
  /** Of that, what Redis counts as running commands or scripts. */
  commandUs: number | null
}

/** How long and how often. */
export interface Pace {
  rounds: number
  durationMs: number
  warmUpMs: number
  /** At the beginning of each round, not counted. */
  settleMs: number
  /** A round ends at so many turns even if there is time left, so that stores stay of a size that fits in memory. */
  maxTurns: number
}

const FILL_IN_FLIGHT = 512

/** Runs that many turns as fast as it goes; for filling stores. */
export async function runAll(turns: number, run: (turn: number) => Promise<unknown>): Promise<void> {
  await drive({ run }, { inFlight: FILL_IN_FLIGHT, durationMs: Infinity, maxTurns: turns })
}

/** @returns the calls in flight that the contender takes; null if it does not have the verb */
export async function warmUp(contender: Contender, verb: Verb, inFlight: number, pace: Pace): Promise<number | null> {
  const task = await contender.begin(verb, inFlight)
  if (task === null) return null
  checkResult(contender.name, verb, await task.run(0))
  const used = Math.min(inFlight, task.maxInFlight ?? inFlight)
  await drive(task, { inFlight: used, durationMs: pace.warmUpMs, maxTurns: pace.maxTurns })
  await task.end?.()
  return used
}

/**
 * Measures one round.
 * @param clock of the server whose time is the contender's; null if there is none
 */
export async function measureRound(
  task: Task,
  wantedInFlight: number,
  pace: Pace,
  clock: ServerClock | null,
): Promise<Round> {
  const inFlight = Math.min(wantedInFlight, task.maxInFlight ?? wantedInFlight)
  const settling = { inFlight, durationMs: pace.settleMs, maxTurns: pace.maxTurns }
  if (task.maxTurns === undefined) await drive(task, settling)
  await clock?.reset()
  const cpuBefore = process.cpuUsage()
  const { turns, ms } = await drive(task, { inFlight, durationMs: pace.durationMs, maxTurns: pace.maxTurns })
  const cpu = process.cpuUsage(cpuBefore)
  const server = (await clock?.read()) ?? null
  const calls = turns * (task.callsATurn ?? 1)
  return {
    calls,
    ms,
    clientUs: (cpu.user + cpu.system) / calls,
    serverUs: server === null ? null : server.cpuUs / calls,
    commandUs: server === null ? null : server.commandUs / calls,
  }
}

/**
 * Keeps so many calls in flight until the time or the turns are used up. Calls that were begun are counted to their end; one
 * at least is, however busy the machine.
 */
export async function drive(
  task: Task,
  limits: { inFlight: number; durationMs: number; maxTurns: number },
): Promise<{ turns: number; ms: number }> {
  const maxTurns = Math.min(limits.maxTurns, task.maxTurns ?? Infinity)
  const startedAt = performance.now()
  const endAt = startedAt + limits.durationMs
  let turns = 0
  const work = async (): Promise<void> => {
    while (turns < maxTurns && (turns === 0 || performance.now() < endAt)) await task.run(turns++)
  }
  await Promise.all(Array.from({ length: limits.inFlight }, work))
  return { turns, ms: performance.now() - startedAt }
}
