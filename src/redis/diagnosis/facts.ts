/** What one server says of itself. null: it did not say, or may not be asked, as CONFIG on managed Redis. */
export interface NodeFacts {
  address: string
  /** redis, valkey or what else calls itself so. */
  kind: string
  version: string | null
  role: 'primary' | 'replica' | null
  aof: {
    isOn: boolean | null
    /** appendfsync: always, everysec or no. */
    fsync: string | null
    /** no-appendfsync-on-rewrite. */
    pausesOnRewrite: boolean | null
    isLastWriteOk: boolean | null
    isLastRewriteOk: boolean | null
  }
  rdb: {
    /** save: when snapshots are taken; '' for never. */
    rules: string | null
    isLastSaveOk: boolean | null
  }
  memory: {
    usedBytes: number | null
    /** maxmemory; 0 for none. */
    limitBytes: number | null
    /** Of the machine. */
    systemBytes: number | null
    /** maxmemory-policy. */
    policy: string | null
  }
  /** Those that are connected; null if it is not known. */
  replicas: ReplicaFacts[] | null
  cluster: {
    isEnabled: boolean | null
    /** ok or fail. */
    state: string | null
  }
}

/** The oldest major version among some servers: what scripts must fit; 0 if one does not say. */
export function majorVersionOf(nodes: readonly NodeFacts[]): number {
  return Math.min(...nodes.map(({ version }) => Number.parseInt(version ?? '0', 10)))
}

/** One replica, as its primary sees it. */
export interface ReplicaFacts {
  address: string
  state: string
  /** Seconds since it was last heard of. */
  lagSeconds: number | null
  bytesBehind: number | null
}

/** What the client's user may not do. */
export interface PermissionFacts {
  /** What writing needs, each as command and kind of key, like `ZADD user:*`: a script would stop there midway. */
  writing: Refusal[]
  /** What only some verbs need, each with these. */
  besides: Refusal[]
}

/** What stands under a store's prefix. */
export interface StoreFacts {
  prefix: string
  /** The format that this program reads and writes. */
  knownFormat: string
  /** How many partitions the caller expects; null for as many as there are. */
  expectedPartitions: number | null
  partitions: PartitionFacts[]
  /** By the server's clock, ms since 1970. */
  nowMs: number
  /** Until when a store has said that it sweeps; null if none has. */
  sweeperUntilMs: number | null
  /** Questions that were not answered, each with the reason. */
  refusals: Refusal[]
}

/** A question that the server refused. */
export interface Refusal {
  /** What was asked for. */
  question: string
  reason: string
}

/** One partition: its log, and a sample of the jobs made from it. */
export interface PartitionFacts {
  index: number
  /** null if its key is not there. */
  meta: MetaFacts | null
  /** null if it could not be read. */
  log: { length: number; first: EntryFacts | null; last: EntryFacts | null } | null
  /** Jobs whose time has come and that nobody has removed yet. */
  overdue: number
  samples: JobSample[]
}

/** What a partition keeps about itself. */
export interface MetaFacts {
  format: string
  partitions: string
  epoch: string
  sequence: number
  /** The newest event's id in the stream; '' for none. */
  newest: string
  trimmedSequence: number
}

/** One entry of the log. */
export interface EntryFacts {
  id: string
  sequence: number
  atMs: number
}

/** One live job, taken at random. */
export interface JobSample {
  jobId: string
  /** Of its hash; null if it is missing there. */
  version: string | null
  /** The newest event, by its hash. */
  event: string | null
  /** Job and version of that event, by the log; null if the log has none of that id. */
  entry: { jobId: string; version: string } | null
  /** Whether its user's list has it. */
  isListed: boolean
  /** Whether Redis will drop its hash by itself. */
  hasTtl: boolean
}
