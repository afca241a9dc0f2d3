import type { Built } from '../build.ts'
import type { Task, Verb } from '../contenders/contender.ts'
import { openSubjects, type Subject } from './subjects.ts'

/** One subject's share of one round. */
export interface ClusterRound {
  calls: number
  ms: number
  /** CPU time a call, in microseconds: of this process, and of each server. */
  clientUs: number
  serversUs: number[]
}

export interface ClusterMeasurement {
  verb: Verb
  subject: string
  rounds: ClusterRound[]
}

const VERBS: readonly Verb[] = ['updateProgress', 'create', 'findById', 'findByUserId', 'countByStatus', 'history']
const IN_FLIGHT = 256
/** Creates are kept from filling the memory. */
const MOST_CALLS = 200_000

/** Measures each verb on one server and on a Cluster, in rounds that take turns. */
export async function measureCluster(
  built: Built,
  { rounds, durationMs }: { rounds: number; durationMs: number },
): Promise<ClusterMeasurement[]> {
  const subjects = await openSubjects(built)
  try {
    return await measureAll(subjects, rounds, durationMs)
  } finally {
    for (const subject of subjects) await subject[Symbol.asyncDispose]()
  }
}

async function measureAll(
  subjects: readonly Subject[],
  rounds: number,
  durationMs: number,
): Promise<ClusterMeasurement[]> {
  for (const { contender } of subjects) await contender.fill()
  const all: ClusterMeasurement[] = []
  for (const verb of VERBS) {
    const measurements = subjects.map(({ name }): ClusterMeasurement => ({ verb, subject: name, rounds: [] }))
    for (const subject of subjects) await measureRound(subject, verb, durationMs)
    for (let round = 0; round < rounds; round++)
      for (const [index, subject] of subjects.entries())
        measurements[index]?.rounds.push(await measureRound(subject, verb, durationMs))
    all.push(...measurements)
  }
  return all
}

async function measureRound({ contender, clocks }: Subject, verb: Verb, durationMs: number): Promise<ClusterRound> {
  const task = (await contender.begin(verb, IN_FLIGHT)) as Task
  await Promise.all(clocks.map((clock) => clock.reset()))
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const calls = await callFor(task, startedAt + durationMs)
  const ms = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  const readings = await Promise.all(clocks.map((clock) => clock.read()))
  await task.end?.()
  return { calls, ms, clientUs: (user + system) / calls, serversUs: readings.map(({ cpuUs }) => cpuUs / calls) }
}

/** @returns how many calls were begun, and have ended */
async function callFor(task: Task, endAt: number): Promise<number> {
  let calls = 0
  const work = async (): Promise<void> => {
    while (calls < MOST_CALLS && performance.now() < endAt) await task.run(calls++)
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, work))
  return calls
}
