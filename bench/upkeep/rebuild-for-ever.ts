/** Rebuilds a store until it is killed: `rebuild-for-ever.ts <url> <prefix>`. */
import { RedisJobStore } from '../../src/index.ts'

const [url = '', prefix = ''] = process.argv.slice(2)
const store = new RedisJobStore(url, { prefix, sweepIntervalMs: 0 })
for (;;) await store.rebuild()
