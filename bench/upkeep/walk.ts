/** Walks over a store's log once and tells its parent a Walk: `walk.ts <url> <prefix> <verb>`. */
import { RedisJobStore } from '../../src/index.ts'
import type { Walk } from './walks.ts'

const [url = '', prefix = '', verb = ''] = process.argv.slice(2)
const store = new RedisJobStore(url, { prefix, sweepIntervalMs: 0 })
let peakRss = process.memoryUsage.rss()
const watch = setInterval(() => {
  peakRss = Math.max(peakRss, process.memoryUsage.rss())
}, 50)
const startedAt = performance.now()
const { events, jobs } = verb === 'verify' ? await requireSound() : await store.rebuild()
const seconds = (performance.now() - startedAt) / 1000
clearInterval(watch)
const cpu = process.cpuUsage()
await store.close()
const told: Omit<Walk, 'verb'> = { events, jobs, seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6, peakRss }
process.send?.(told)

async function requireSound(): Promise<{ events: number; jobs: number }> {
  const report = await store.verify()
  if (!report.ok)
    throw new Error(`The store has drifted in ${report.driftCount} places: what was measured is worth nothing.`)
  return report
}
