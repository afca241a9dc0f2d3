import { randomUUID } from 'node:crypto'

import type { RemoteContender } from '../contenders/remote.ts'
import type { Pace, Round } from '../measure.ts'
import type { Stage } from '../stage.ts'

/** Calls in flight, of all processes together. */
const IN_FLIGHT = 256
const VERBS = ['updateProgress', 'create'] as const

/** Ours, and the least that a client can ask of the server: how much of what is lost is the machine's. */
type Kind = 'redis' | 'ioredis SET'

/** So many client processes, or partitions, at one verb. */
export interface ProcessesRow {
  kind: Kind
  verb: (typeof VERBS)[number]
  processes: number
  partitions: number
  /** Of all processes together. */
  rounds: Round[]
}

/** A store, and the processes that work on it. */
interface Setting {
  kind: Kind
  name: string
  processes: number
  partitions: number
  contenders: RemoteContender[]
}

const SETTINGS = [
  { kind: 'redis', processes: 1, partitions: 1 },
  { kind: 'redis', processes: 2, partitions: 1 },
  { kind: 'redis', processes: 4, partitions: 1 },
  { kind: 'redis', processes: 1, partitions: 16 },
  { kind: 'ioredis SET', processes: 1, partitions: 1 },
  { kind: 'ioredis SET', processes: 2, partitions: 1 },
  { kind: 'ioredis SET', processes: 4, partitions: 1 },
] as const

/**
 * 1, 2 and 4 client processes on one Redis, and partitions 1 and 16: 256 calls in flight of all together, in rounds that
 * take turns. Each process reports on jobs of its own, as workers do. Afterwards each store is verified: nothing is lost.
 */
export async function measureProcesses(stage: Stage, pace: Pace): Promise<ProcessesRow[]> {
  const settings: Setting[] = []
  try {
    for (const setting of SETTINGS) settings.push(await start(stage, setting))
    const rows: ProcessesRow[] = []
    for (const verb of VERBS) rows.push(...(await measureVerb(verb, settings, pace)))
    for (const setting of settings) if (setting.kind === 'redis') await requireSound(stage, setting)
    return rows
  } finally {
    await Promise.all(settings.flatMap(({ contenders }) => contenders.map((contender) => contender.close())))
  }
}

async function start(stage: Stage, { kind, processes, partitions }: (typeof SETTINGS)[number]): Promise<Setting> {
  const name = `processes-${randomUUID()}`
  const contenders: RemoteContender[] = []
  for (let index = 0; index < processes; index++)
    contenders.push(await stage.start({ kind, name, partitions, share: { index, of: processes } }))
  await contenders[0]?.fill()
  return { kind, name, processes, partitions, contenders }
}

/** @throws Error if anything was lost, or is not what the log says */
async function requireSound(stage: Stage, { name, processes, partitions }: Setting): Promise<void> {
  await using store = stage.openStore('redis', name, partitions)
  const { ok, driftCount } = await store.verify()
  if (!ok)
    throw new Error(
      `${processes} processes on ${partitions} partitions left a store that has drifted in ${driftCount} places.`,
    )
}

async function measureVerb(verb: ProcessesRow['verb'], settings: Setting[], pace: Pace): Promise<ProcessesRow[]> {
  const rows = settings.map((setting) => ({ setting, rounds: [] as Round[] }))
  for (const { processes, contenders } of settings)
    await Promise.all(contenders.map((contender) => contender.warmUp(verb, IN_FLIGHT / processes, pace)))
  for (let round = 0; round < pace.rounds; round++)
    for (const { setting, rounds } of rows) {
      const { processes, contenders } = setting
      const parts = contenders.map((contender) => contender.round(verb, IN_FLIGHT / processes, pace))
      rounds.push(together(await Promise.all(parts)))
    }
  return rows.map(({ setting: { kind, processes, partitions }, rounds }) => ({
    kind,
    verb,
    processes,
    partitions,
    rounds,
  }))
}

/** What processes did side by side. The server's time is read by each and can't be told apart. */
function together(rounds: readonly Round[]): Round {
  const calls = rounds.reduce((sum, round) => sum + round.calls, 0)
  const clientUs = rounds.reduce((sum, round) => sum + round.clientUs * round.calls, 0) / calls
  return { calls, ms: Math.max(...rounds.map(({ ms }) => ms)), clientUs, serverUs: null, commandUs: null }
}
