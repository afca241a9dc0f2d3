import { redisPlaces } from './support/redis-places.ts'
import { runContract } from './support/run-contract.ts'

/** The same wherever a value stands. */
const FOR_THE_LONG_FORM = [
  'findByUserId',
  'listByUserId',
  'identifiers',
  'limits',
  'concurrency',
  'delete',
  'paging',
  'counts',
  'expiry',
  'stats',
  'subscribe',
  'subscribe: ending',
  'subscribe: compacted',
  'watch',
  'compact: archive',
  'compact: progress',
  'transitions and statuses',
  'bad input',
  'closed',
  'persistence',
]

runContract('redis, everything inline', redisPlaces({ inlineBytes: Infinity }, { many: 2000 }), FOR_THE_LONG_FORM)
