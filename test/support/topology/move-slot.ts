import type { ClusterNode } from './cluster-node.ts'

/** Keys that one MIGRATE takes. */
const KEYS_A_CALL = 10
const TIMEOUT_MS = 10_000

/**
 * Moves one slot as redis-cli --cluster reshard does: both sides are told, keys go over a few at a time, then all nodes are
 * told, the new owner first.
 * @param betweenKeys called while the slot's keys are on both sides
 */
export async function moveSlot(
  slot: number,
  source: ClusterNode,
  target: ClusterNode,
  nodes: readonly ClusterNode[],
  betweenKeys: () => Promise<void> = async () => {},
): Promise<void> {
  if (source === target) return
  await target.admin.cluster('SETSLOT', slot, 'IMPORTING', source.id)
  await source.admin.cluster('SETSLOT', slot, 'MIGRATING', target.id)
  const { host, port } = target.server
  for (;;) {
    const keys = await source.admin.cluster('GETKEYSINSLOT', slot, KEYS_A_CALL)
    if (keys.length === 0) break
    await source.admin.call('MIGRATE', host, port, '', 0, TIMEOUT_MS, 'KEYS', ...keys)
    await betweenKeys()
  }
  const told = [target, source, ...nodes.filter((node) => node !== source && node !== target)]
  for (const { admin, server } of told)
    if (server.isRunning) await admin.cluster('SETSLOT', slot, 'NODE', target.id).catch(refuseUnlessReplica)
}

/** A replica learns it from its primary. */
function refuseUnlessReplica(error: unknown): void {
  if (!/SETSLOT only with masters/.test(String(error))) throw error
}
