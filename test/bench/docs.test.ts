import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { drawCharts, loadCharts } from '../../bench/docs/charts.ts'
import { FRAGMENTS } from '../../bench/docs/fragments.ts'
import { putFragments } from '../../bench/docs/put-fragments.ts'
import { mergeResults } from '../../bench/merge-results.ts'
import { TARGETS, targetsTable, verdictOn } from '../../bench/targets.ts'
import { aResult, measured } from './results.ts'
import { root } from '../support/repository.ts'

const test = suite('bench docs')

test('puts figures between their marks, and leaves those that were not measured', () => {
  const document = 'a\n<!-- bench:one -->\nold\n<!-- /bench:one -->\nb\n<!-- bench:two -->\nkept\n<!-- /bench:two -->\n'
  const written = putFragments(document, (name) => (name === 'one' ? 'new' : null))
  assert.is(written, document.replace('\nold\n', '\n\nnew\n\n'))
  assert.is(
    putFragments(written, () => null),
    written,
  )
  assert.throws(() => putFragments('<!-- bench:one -->\nold', () => 'new'), /has no <!-- \/bench:one -->/)
})

test('has a place for all figures, and figures for all places', () => {
  const documents = ['docs/performance.md', 'README.md']
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n')
  const places = [...documents.matchAll(/<!-- bench:(\w+) -->/g)].map(([, name]) => name)
  assert.equal(new Set(places), new Set(Object.keys(FRAGMENTS)))
})

test('says of each target whether it is reached', () => {
  const result = aResult({
    measurements: [
      measured('jobledger redis', [90_000, 100_000, 110_000]),
      measured('ioredis SET', [100_000, 100_000, 100_000]),
    ],
  })
  const rows = new Map(targetsTable(result).rows.map(([name, ...cells]) => [name, cells]))
  assert.equal(rows.get('updateProgress / ioredis SET'), ['at least 1.10 ×', '1.00 ×', 'MISSED'])
  assert.equal(rows.get('server time of an update'), ['at most 5.00 µs', '7.00 µs', 'MISSED'])
  assert.is(rows.get("create / BullMQ's add")?.[2], 'not measured')
  const target = TARGETS.find(({ name }) => name === 'updateProgress / ioredis SET')
  assert.is(target && verdictOn(target, 1.1), 'reached')
})

test('draws a chart of what was measured, as SVG', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jobledger-bench-charts-'))
  try {
    const load = [1, 16, 256].map((inFlight) => ({ ...measured('jobledger redis', [inFlight * 1_000]), inFlight }))
    const [path = ''] = drawCharts(loadCharts(load), folder)
    const svg = readFileSync(path, 'utf8')
    assert.match(svg, /^<svg /)
    assert.match(svg, /calls in flight/)
    assert.match(svg, /jobledger redis/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('takes of several runs the last that measured a section', () => {
  const first = aResult({ measurements: [measured('jobledger redis', [1])], load: [measured('jobledger redis', [2])] })
  const second = aResult({ measurements: [measured('jobledger redis', [3])] })
  const merged = mergeResults([first, second])
  assert.is(merged.measurements[0]?.rounds[0]?.calls, 3)
  assert.is(merged.load[0]?.rounds[0]?.calls, 2)
})

test.run()
