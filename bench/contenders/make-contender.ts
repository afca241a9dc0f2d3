import { join } from 'node:path'

import type { JobStore } from '../../src/index.ts'
import type { Package } from '../build.ts'
import { BeeQueue } from './bee-queue.ts'
import { BullMq } from './bullmq.ts'
import type { Contender, Place } from './contender.ts'
import type { BackendName, ContenderKind } from './kinds.ts'
import { PlainScript, PlainSet } from './floors.ts'
import { Jobledger, type Share } from './jobledger.ts'
import { PlainIoredis } from './plain-ioredis.ts'
import { Replay } from './replay.ts'
import { SqliteLoop } from './sqlite-loop.ts'

/** Databases of the one server, so that no contender's keys are in another's way. Our store is in database 0. */
const DBS = { plain: 1, bullMq: 2, beeQueue: 3, floors: 4, replay: [5, 6, 7, 8] } as const

/** A contender, for a process that makes it. */
export interface ContenderSpec {
  kind: ContenderKind
  place: Place
  /** The same name gives the same jobs again, but on memory. */
  name: string
  /** The built package's main module, as a URL. */
  main: string
  /** Of a store of ours on Redis; default 1. */
  partitions?: number
  /** Where several processes work on the same jobs: which of them this one is, so that each has jobs of its own. */
  share?: Share
}

/** Makes a contender, still empty. */
export async function makeContender(spec: ContenderSpec): Promise<Contender> {
  const { kind, place, name, main, partitions = 1, share } = spec
  switch (kind) {
    case 'plain ioredis':
      return new PlainIoredis(place.url, DBS.plain)
    case 'BullMQ':
      return new BullMq(place.url, DBS.bullMq)
    case 'bee-queue':
      return new BeeQueue(place.url, DBS.beeQueue)
    case 'ioredis SET':
      return new PlainSet(place.url, DBS.floors)
    case 'ioredis EVALSHA':
      return new PlainScript(place.url, DBS.floors)
    case 'better-sqlite3 loop':
      return new SqliteLoop(join(place.folder, `${name}-by-hand.db`))
    case 'same calls by redis-cli': {
      const built = (await import(main)) as Package
      return new Replay(place, DBS.replay, (url, prefix) => openStore(built, 'redis', { ...place, url }, prefix))
    }
    case 'memory':
    case 'sqlite':
    case 'redis': {
      const built = (await import(main)) as Package
      return new Jobledger(kind, () => openStore(built, kind, place, name, partitions), share)
    }
  }
}

/** Opens a store of the built package. */
export function openStore(built: Package, backend: BackendName, place: Place, name: string, partitions = 1): JobStore {
  switch (backend) {
    case 'memory':
      return built.createJobStore({ type: 'memory' })
    case 'sqlite':
      return built.createJobStore({ type: 'sqlite', path: join(place.folder, `${name}.db`) })
    case 'redis':
      return built.createJobStore({ type: 'redis', url: place.url, prefix: name, partitions })
  }
}
