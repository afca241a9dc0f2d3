import { clusterPlaces } from './support/topology/cluster-places.ts'
import { runContract } from './support/run-contract.ts'

runContract('redis cluster, 16 partitions', clusterPlaces())
