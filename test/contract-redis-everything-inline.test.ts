import { readForm } from './faults/harness/form.ts'
import { redisPlaces } from './support/redis-places.ts'
import { runContract } from './support/run-contract.ts'

/** The same wherever a value stands. The long form, JOBLEDGER_FAULTS=long, has them all. */
const FOR_THE_LONG_FORM = [
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

runContract(
  'redis, everything inline',
  redisPlaces({ inlineBytes: Infinity }, { many: 2000 }),
  readForm().isLong ? [] : FOR_THE_LONG_FORM,
)
