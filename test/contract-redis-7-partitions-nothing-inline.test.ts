import { redisPlaces } from './support/redis-places.ts'
import { runContract } from './support/run-contract.ts'

/** About what is refused before anything is sent; about one job's guards and ids; and archives, which one partition has as well. */
const FOR_THE_LONG_FORM = [
  'command options',
  'transitions and statuses',
  'identifiers',
  'limits',
  'bad input',
  'upcast',
  'closed',
  'compact: progress',
  'compact: archive',
]

runContract(
  'redis, 7 partitions, nothing inline',
  redisPlaces({ partitions: 7, inlineBytes: 0 }, { many: 2000 }),
  FOR_THE_LONG_FORM,
)
