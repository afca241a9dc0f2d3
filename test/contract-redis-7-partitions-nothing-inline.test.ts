import { redisPlaces } from './support/redis-places.ts'
import { runContract } from './support/run-contract.ts'

runContract('redis, 7 partitions, nothing inline', redisPlaces({ partitions: 7, inlineBytes: 0 }, { many: 2000 }))
