import { memoryPlaces } from './support/memory-places.ts'
import { runContract } from './support/run-contract.ts'

runContract('memory', memoryPlaces)
