import { runContract } from './support/run-contract.ts'
import { sqlitePlaces } from './support/sqlite-places.ts'

runContract('sqlite', sqlitePlaces())
