import assert from 'node:assert/strict'

import type { Redis } from 'ioredis'

import { eventually } from '../eventually.ts'
import { startClusterNode, type ClusterNode } from './cluster-node.ts'
import { moveSlot } from './move-slot.ts'

/** Of all Clusters. */
const SLOTS = 16_384

export interface ClusterOptions {
  /** Default 0. */
  replicasEach?: number
  /** Further arguments of each redis-server. */
  args?: string[]
}

/** A Cluster of three primaries that share the slots evenly, perhaps with replicas. */
export class ClusterTopology implements AsyncDisposable {
  readonly nodes: ClusterNode[] = []

  static async start({ replicasEach = 0, args = [] }: ClusterOptions = {}): Promise<ClusterTopology> {
    const topology = new ClusterTopology()
    try {
      const starts = Array.from({ length: PRIMARIES * (1 + replicasEach) }, async () => {
        topology.nodes.push(await startClusterNode(args))
      })
      await Promise.allSettled(starts)
      await Promise.all(starts)
      await topology.#join()
      return topology
    } catch (error) {
      await topology[Symbol.asyncDispose]()
      throw error
    }
  }

  /** As a store is given it. */
  get url(): string {
    return `redis+cluster://${this.nodes.map(({ server }) => `127.0.0.1:${server.port}`).join(',')}`
  }

  /** The primary that has a slot now, by what it says of itself: what others say of it may be old. */
  ownerOf(slot: number): Promise<ClusterNode> {
    return eventually(async () => {
      for (const node of this.nodes) if (node.server.isRunning && (await ownsSlot(node, slot))) return node
      assert.fail(`nobody has slot ${slot}`)
    }, JOINING)
  }

  async slotOf(key: string): Promise<number> {
    return (await this.#alive()).cluster('KEYSLOT', key)
  }

  /** Moves a slot with its keys to another primary: see moveSlot(). */
  async move(slot: number, target: ClusterNode, betweenKeys?: () => Promise<void>): Promise<void> {
    await moveSlot(slot, await this.ownerOf(slot), target, this.nodes, betweenKeys)
  }

  /** Waits until every node that runs says that all slots are served, none of them by this one. */
  async isWhole(gone?: ClusterNode): Promise<void> {
    const running = this.nodes.filter(({ server }) => server.isRunning)
    await Promise.all(running.map(({ admin }) => eventually(() => servesAll(admin, gone), JOINING)))
  }

  /** Waits until a node follows its primary. */
  async isReplicated({ admin }: ClusterNode): Promise<void> {
    await eventually(
      async () => assert.match(await admin.info('replication'), /role:slave[^]*master_link_status:up/),
      JOINING,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { admin } of this.nodes) admin.disconnect()
    await Promise.all(this.nodes.map(({ server }) => server.kill()))
    await Promise.all(this.nodes.map(({ server }) => server[Symbol.asyncDispose]()))
  }

  async #join(): Promise<void> {
    const [first, ...others] = this.nodes
    const share = Math.ceil(SLOTS / PRIMARIES)
    for (const [index, { admin }] of this.nodes.entries()) {
      await admin.cluster('SET-CONFIG-EPOCH', index + 1)
      if (index < PRIMARIES)
        await admin.cluster('ADDSLOTSRANGE', index * share, Math.min(SLOTS, (index + 1) * share) - 1)
    }
    for (const { server, busPort } of others)
      await first?.admin.call('CLUSTER', 'MEET', '127.0.0.1', server.port, busPort)
    await Promise.all(this.nodes.map(({ admin }) => eventually(() => knows(admin, this.nodes.length), JOINING)))
    const replicas = this.nodes.slice(PRIMARIES).map(async (node, index) => {
      await node.admin.cluster('REPLICATE', this.nodes[index % PRIMARIES]?.id ?? '')
      await this.isReplicated(node)
    })
    await Promise.all(replicas)
    await this.isWhole()
  }

  async #alive(): Promise<Redis> {
    return this.nodes.find(({ server }) => server.isRunning)?.admin ?? assert.fail('no node runs')
  }
}

const PRIMARIES = 3
const JOINING = { timeoutMs: 30_000, intervalMs: 50 }

async function knows(admin: Redis, nodes: number): Promise<void> {
  const names = (await admin.cluster('NODES')) as string
  const known = names.trim().split('\n')
  assert.equal(known.filter((line) => !/handshake|noaddr/.test(line)).length, nodes)
}

/** It must know the others' slots, not only that all are served. */
async function servesAll(admin: Redis, gone?: ClusterNode): Promise<void> {
  assert.match(await admin.cluster('INFO'), /cluster_state:ok/)
  const ranges = await admin.cluster('SLOTS')
  const served = ranges.filter(([, , owner]) => owner?.[2] !== gone?.id)
  assert.equal(
    served.reduce((sum, [from, to]) => sum + to - from + 1, 0),
    SLOTS,
  )
}

async function ownsSlot({ admin, server }: ClusterNode, slot: number): Promise<boolean> {
  const ranges = await admin.cluster('SLOTS')
  return ranges.some(([from, to, primary]) => slot >= from && slot <= to && primary?.[1] === server.port)
}
