import { InvalidConfigError, StoreUnavailableError } from '../core/errors.ts'
import type { Finding } from '../diagnosis/finding.ts'
import type { Caller } from './caller.ts'
import { checkEviction } from './diagnosis/check-memory.ts'
import { checkPermissions } from './diagnosis/check-permissions.ts'
import { checkPersistence } from './diagnosis/check-persistence.ts'
import { checkServer } from './diagnosis/check-server.ts'
import { majorVersionOf, type NodeFacts, type PermissionFacts } from './diagnosis/facts.ts'
import { readNodes } from './diagnosis/read-node.ts'
import { readPermissions } from './diagnosis/read-permissions.ts'
import type { PartitionKeys } from './keys.ts'
import { loadScripts } from './scripts.ts'

/** What a check at the start needs. */
export interface StartCheckParts {
  caller: Caller
  /** Of each partition. */
  keys: readonly PartitionKeys[]
  /** Whether the store waits for replicas. */
  isDurable: boolean
  onWarning: (finding: Finding) => void
}

/**
 * Looks at server and user before a store writes anything, by the checks of `doctor`. What would break a promise midway is
 * refused; what promises less than could be is told, once.
 */
export class StartCheck {
  readonly #parts: StartCheckParts
  #isPassed = false

  constructor(parts: StartCheckParts) {
    this.#parts = parts
  }

  /** @throws InvalidConfigError for a server that is too old, StoreUnavailableError for a user that may do too little */
  async run(): Promise<void> {
    if (this.#isPassed) return
    const nodes = await this.#parts.caller.call(readNodes)
    requireServer(nodes)
    const permissions = checkPermissions(await this.#permissions(nodes))
    if (permissions.verdict === 'fail')
      throw new StoreUnavailableError(`${permissions.found}. ${permissions.advice ?? ''}`, { outcome: 'rejected' })
    this.#isPassed = true
    const findings = nodes.flatMap((node) => {
      const where = nodes.length === 1 ? null : node.address
      return [checkServer, checkPersistence, checkEviction].map((check) => check(node, where))
    })
    for (const finding of [...findings, permissions]) if (finding.verdict !== 'ok') this.#parts.onWarning(finding)
  }

  /** Of all partitions together: a user's keys may end at some number. */
  async #permissions(nodes: readonly NodeFacts[]): Promise<PermissionFacts> {
    const { caller, keys, isDurable } = this.#parts
    const probe = loadScripts(majorVersionOf(nodes)).probe.lua
    const all = await Promise.all(
      keys.map((own) => caller.call((redis) => readPermissions(redis, own, { probe, isDurable }))),
    )
    return { writing: all.flatMap((one) => one.writing), besides: all.flatMap((one) => one.besides) }
  }
}

function requireServer(nodes: readonly NodeFacts[]): void {
  for (const node of nodes) {
    const { verdict, found } = checkServer(node, null)
    if (verdict === 'fail') throw InvalidConfigError.of('redis', 'Redis 6.2 or later, or Valkey', found)
  }
}

/** What becomes of a finding if nobody else takes it: a warning of the process, which Node prints unless it is told not to. */
export function warnProcess({ topic, where, found, advice }: Finding): void {
  const place = where === null ? '' : ` of ${where}`
  process.emitWarning(`${topic}${place}: ${found}. ${advice ?? ''}`, {
    type: 'JobStoreWarning',
    code: `JOBLEDGER_${topic.toUpperCase()}`,
  })
}
