import type { JobStore } from '../../src/contract.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { startRedis } from '../support/redis-server.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { fieldsOf, isLinearizable, type Call, type Operation } from './harness/linearizable.ts'
import { inspect } from './harness/oracles.ts'
import { newPlace, openAt } from './harness/place.ts'

const CLIENTS = 8
const JOBS = 20
/** Of one client in one history. */
const CALLS = 30
/** Every fourth client gives up so soon that a lost reply leaves it in the dark. */
const IMPATIENT_MS = 90
const PATIENT_MS = 20_000
const DROPPED = 0.03

/** One client's view of the jobs: the version it has seen last of each. */
interface Client {
  store: JobStore<AnyJob>
  seen: Map<string, number>
}

faultTest({
  name: 'linearizability',
  promises: ['P4', 'P6'],
  // Histories.
  amount: { short: 12, long: 500 },
  floor: (amount) => amount * 2,
  mutants: [
    'any version is the expected one',
    'a read is answered from memory',
    'a batch that comes again is applied again',
  ],
  run: checkHistories,
})

/** Hits are the replies that were lost after the call had been applied. */
async function checkHistories(context: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis()
  await using proxy = await TcpProxy.to(server.port)
  const place = newPlace(server, 2)
  const target = `redis://127.0.0.1:${proxy.port}`
  const { build, random, amount } = context
  const clients: Client[] = []
  for (let client = 0; client < CLIENTS; client++) {
    const retryForMs = client % 4 === 0 ? IMPATIENT_MS : PATIENT_MS
    clients.push({ store: await openAt(place, { build, target, retryForMs }), seen: new Map() })
  }
  for (const { store } of clients) await eventually(() => store.ready(), { timeoutMs: 30_000 })
  proxy.dropRepliesIf((reply) => reply.includes('$4\r\nDONE') && random() < DROPPED)
  const violations: string[] = []
  let calls = 0
  let unknown = 0
  for (let history = 0; history < amount; history++) {
    const jobs = await recordHistory(clients, `${history}`, random)
    for (const [id, operations] of jobs) {
      calls += operations.length
      unknown += operations.filter(({ answer }) => answer === null).length
      if (!isLinearizable(operations))
        violations.push(`P6: no order explains the calls on job ${id}: ${JSON.stringify(operations)}`)
    }
  }
  proxy.dropRepliesIf(() => false)
  await Promise.all(clients.map(({ store }) => store.close()))
  violations.push(...(await inspect(place, [])).violations)
  return { hits: proxy.dropped, violations, figures: `${amount} histories, ${calls} calls, ${unknown} of them unknown` }
}

/** All clients at once on jobs that are new. @returns the calls on each, without those that were never sent */
async function recordHistory(
  clients: readonly Client[],
  name: string,
  random: () => number,
): Promise<Map<string, Operation[]>> {
  const jobs = new Map<string, Operation[]>()
  const lives = clients.map(async (client) => {
    for (let count = 0; count < CALLS; count++) {
      // The first jobs are the most contended.
      const id = `${name}-${Math.floor(random() ** 2 * JOBS)}`
      const operation = await performOne(client, id, callOf(client.seen.get(id), random))
      if (operation !== null) jobs.set(id, [...(jobs.get(id) ?? []), operation])
    }
  })
  await Promise.all(lives)
  return jobs
}

function callOf(seen: number | undefined, random: () => number): Call {
  const [kind, value] = [random(), 1 + Math.floor(random() * 99)]
  if (kind < 0.25) return { verb: 'create', value }
  if (kind < 0.3) return { verb: 'delete' }
  if (kind < 0.5) return { verb: 'read' }
  const verb = kind < 0.75 ? 'setValue' : 'setNote'
  return seen === undefined || random() < 0.4 ? { verb, value } : { verb, value, expected: seen }
}

/** @returns null for a call that was rejected: it has not been */
async function performOne(client: Client, id: string, call: Call): Promise<Operation | null> {
  const startMs = performance.now()
  const answer = await answerOf(client, id, call).catch((error: unknown) => answerOfError(error))
  const endMs = performance.now()
  return answer === 'rejected' ? null : { call, answer: answer === 'unknown' ? null : answer, startMs, endMs }
}

async function answerOf({ store, seen }: Client, id: string, call: Call): Promise<string> {
  switch (call.verb) {
    case 'create':
      await store.create(aJob({ id, progress: { percent: call.value }, note: 0 }))
      return 'done'
    case 'delete':
      return (await store.delete(id)) ? 'done' : 'none'
    case 'read': {
      const record = await store.findRecord(id)
      if (record === null) return 'none'
      seen.set(id, record.version)
      return `v${record.version} ${registersOf(record.job)}`
    }
    case 'setValue':
    case 'setNote': {
      const options = call.expected === undefined ? {} : { expectedVersion: call.expected }
      const job = await (call.verb === 'setValue'
        ? store.updateProgress(id, { percent: call.value }, options)
        : store.update(id, { note: call.value }, options))
      return job === null ? 'none' : registersOf(job)
    }
  }
}

/** By codes, not by classes: a mutated package has classes of its own. */
function answerOfError(error: unknown): string {
  const { code, outcome, actual } = error as { code?: string; outcome?: string; actual?: number }
  if (code === 'JOB_ALREADY_EXISTS') return 'exists'
  if (code === 'VERSION_CONFLICT') return `conflict v${actual}`
  if (code === 'STORE_UNAVAILABLE') return outcome === 'rejected' ? 'rejected' : 'unknown'
  throw error
}

function registersOf(job: AnyJob): string {
  return fieldsOf({ value: job.progress.percent, note: Number(job['note']) })
}
