import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { aJob } from './contract/jobs.ts'
import { readForm } from './faults/harness/form.ts'
import { runContract } from './support/run-contract.ts'
import { ClusterPlaces } from './support/topology/cluster-places.ts'

/**
 * About what a job holds and what is refused, on whichever server; and what takes half of the time, since an archive has 16
 * partitions too. The long form, JOBLEDGER_FAULTS=long, has them all.
 */
const FOR_THE_LONG_FORM = [
  'command options',
  'transitions and statuses',
  'values',
  'identifiers',
  'limits',
  'bad input',
  'upcast',
  'closed',
  'paging',
  'compact: progress',
  'compact: archive',
  'persistence',
]

const places = new ClusterPlaces()

runContract('redis cluster, 16 partitions', places, readForm().isLong ? [] : FOR_THE_LONG_FORM)

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
