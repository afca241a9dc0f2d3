import { redisPlaces } from './support/redis-places.ts'
import { runContract } from './support/run-contract.ts'

runContract('redis, everything inline', redisPlaces({ inlineBytes: Infinity }, { many: 2000 }))
