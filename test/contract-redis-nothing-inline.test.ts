import { redisPlaces } from './support/redis-places.ts'
import { runContract } from './support/run-contract.ts'

runContract('redis, nothing inline', redisPlaces({ inlineBytes: 0 }))
