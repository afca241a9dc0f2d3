import { join } from 'node:path'

import type { JobStore } from '../../src/index.ts'
import type { Package } from '../build.ts'
import type { BackendName } from '../options.ts'
import { BullMq } from './bullmq.ts'
import type { Contender } from './contender.ts'
import { Jobledger } from './jobledger.ts'
import { PlainIoredis } from './plain-ioredis.ts'

/** Databases of the one server, so that no contender's keys are in another's way. */
const PLAIN_DB = 1
const BULLMQ_DB = 2

/** Where contenders keep their jobs. */
export interface Place {
  /** The redis-server. */
  url: string
  /** For files. */
  folder: string
}

/** A contender, for a process that makes it. */
export interface ContenderSpec {
  kind: BackendName | 'plain ioredis' | 'BullMQ'
  place: Place
  /** The same name gives the same jobs again, but on memory. */
  name: string
  /** The built package's main module, as a URL. */
  main: string
}

/** Makes a contender, still empty. */
export async function makeContender({ kind, place, name, main }: ContenderSpec): Promise<Contender> {
  switch (kind) {
    case 'plain ioredis':
      return new PlainIoredis(place.url, PLAIN_DB)
    case 'BullMQ':
      return new BullMq(place.url, BULLMQ_DB)
    case 'memory':
    case 'sqlite':
    case 'redis': {
      const built = (await import(main)) as Package
      return new Jobledger(kind, () => openStore(built, kind, place, name))
    }
  }
}

/** Opens a store of the built package. */
export function openStore(built: Package, backend: BackendName, place: Place, name: string): JobStore {
  switch (backend) {
    case 'memory':
      return built.createJobStore({ type: 'memory' })
    case 'sqlite':
      return built.createJobStore({ type: 'sqlite', path: join(place.folder, `${name}.db`) })
    case 'redis':
      return built.createJobStore({ type: 'redis', url: place.url, prefix: name })
  }
}
