import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { aJob } from './contract/jobs.ts'
import { runContract } from './support/run-contract.ts'
import { ClusterPlaces } from './support/topology/cluster-places.ts'

/**
 * About one job, which is in one partition on whichever server; about what is refused before anything is sent; and what takes
 * long, since an archive has 16 partitions too.
 */
const FOR_THE_LONG_FORM = [
  'create',
  'findById',
  'update',
  'updateStatus',
  'updateProgress',
  'delete',
  'history',
  'findByIdAsOf',
  'command options',
  'transitions and statuses',
  'values',
  'identifiers',
  'limits',
  'bad input',
  'upcast',
  'closed',
  'paging',
  'compact: reading',
  'compact: progress',
  'compact: archive',
  'persistence',
]

const places = new ClusterPlaces()

runContract('redis cluster, 16 partitions', places, FOR_THE_LONG_FORM)

const last = suite('redis cluster: its nodes')

last('share the jobs, and keep none that was taken away', async () => {
  await using ended = places
  assert.deepEqual(await ended.sizes(), [0, 0, 0])
  const place = await ended.newPlace()
  await using store = place.open({})
  await Promise.all(Array.from({ length: 100 }, (_, index) => store.create(aJob({ id: `job-${index}` }))))
  for (const size of await ended.sizes()) assert.ok(size > 20, String(size))
  assert.equal(await store.countByUserId('user-1'), 100)
  await store.close()
})

last.run()
