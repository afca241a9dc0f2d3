import * as assert from 'node:assert/strict'

import type { JobEvent } from '../../src/core/event.ts'
import type { StoreOptions } from '../../src/options.ts'
import { collect } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob } from './jobs.ts'

/** Events of an older program say `uri` where this one says `url`. */
const UPCAST: StoreOptions = {
  upcast: (event: JobEvent<AnyJob>) => {
    const { uri, ...data } = event.data
    return uri === undefined ? event : { ...event, data: { ...data, url: uri } }
  },
}

export const upcast: Suite = (test) => {
  test('what events say is seen as upcast makes it', UPCAST, async (store) => {
    await store.create(aJob({ uri: 'https://example.com/1' }))
    await store.update('job-1', { uri: 'https://example.com/2' })
    await store.update('job-1', { note: 1 })
    const expected = [
      ['https://example.com/1', undefined],
      ['https://example.com/2', undefined],
      [undefined, undefined],
    ]
    assert.deepStrictEqual(urlsOf(await collect(store.history('job-1'))), expected)
    assert.deepStrictEqual(urlsOf(await collect(store.events())), expected)
    assert.deepStrictEqual(urlsOf(await collect(store.events({ jobId: 'job-1' }))), expected)
    const then = await store.findByIdAsOf('job-1', { version: 1 })
    assert.deepStrictEqual([then?.['url'], then?.['uri']], ['https://example.com/1', undefined])
    assert.strictEqual((await store.rebuild()).repaired, 1)
  })

  test('verify() shows jobs of before a field was renamed, rebuild() renames it in them', UPCAST, async (store) => {
    const uri = `https://example.com/${'x'.repeat(100)}`
    await store.create(aJob({ uri }))
    await store.create(aJob({ id: 'job-2' }))
    const { drift } = await store.verify()
    assert.deepStrictEqual(
      drift.map(({ kind, jobId, field, expected, actual }) => [kind, jobId, field, expected, actual]),
      [
        ['field', 'job-1', 'url', uri, undefined],
        ['field', 'job-1', 'uri', undefined, uri],
      ],
    )
    assert.strictEqual((await store.rebuild()).repaired, 1)
    const job = await store.findById('job-1')
    assert.deepStrictEqual([job?.['url'], job?.['uri']], [uri, undefined])
    assert.deepStrictEqual((await store.verify()).drift, [])
  })

  test('an upcast that gives back what it got changes nothing', { upcast: (event) => event }, async (store) => {
    await store.create(aJob({ uri: 'x' }))
    await store.updateStatus('job-1', 'queued')
    assert.deepStrictEqual((await collect(store.history('job-1')))[0]?.data['uri'], 'x')
  })
}

function urlsOf(events: JobEvent<AnyJob>[]): unknown[] {
  return events.map((event) => [event.data['url'], event.data['uri']])
}
