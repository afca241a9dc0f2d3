import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'

import { suite } from 'uvu'

import { assembleScript, SCRIPTS } from '../../src/redis/scripts.ts'

const test = suite('The headers of the scripts')

const folder = new URL('../../lua/', import.meta.url)

test('there is a script for each name, and no other', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.lua'))
  assert.deepEqual(files.sort(), SCRIPTS.map((name) => `${name}.lua`).sort())
})

for (const name of SCRIPTS) {
  const source = readFileSync(new URL(`${name}.lua`, folder), 'utf8')
  const header = source.slice(0, source.indexOf('--- @include'))
  const body = assembleScript(name).slice(header.length)

  test(`${name}.lua begins with purpose, KEYS, ARGV, reply and events, in this order`, () => {
    const parts = ['--- ', '-- KEYS', '-- ARGV', '-- reply: ', '-- events appended: ']
    const places = parts.map((part) => header.indexOf(part))
    assert.equal(places[0], 0)
    assert.ok(
      places.every((place, index) => index === 0 || place > (places[index - 1] as number)),
      String(places),
    )
  })

  test(`${name}.lua names the keys that it is given`, () => {
    const keys = header.slice(header.indexOf('-- KEYS'), header.indexOf('-- ARGV'))
    const named = [...keys.matchAll(/^-- {3}(\d \S+)/gm)].map((match) => match[1])
    // The probe is tried before there is a link.
    assert.deepEqual(named, name === 'probe' ? ['1 meta'] : ['1 meta', '2 absent'])
  })

  test(`${name}.lua gives each reply tag of its header, and no other`, () => {
    const named = [...header.slice(header.indexOf('-- reply')).matchAll(/^-- {3}([A-Z]{2,})\s/gm)].map(
      (match) => match[1],
    )
    const given = [
      ...body.matchAll(/(?:return|reply =|reply, sent =|refuses\n?)[^\n]*?\{ '([A-Z]{2,})'|return '([A-Z]{2,})',/g),
    ]
    assert.deepEqual(new Set(given.map((match) => match[1] ?? match[2])), new Set(named))
  })

  test(`${name}.lua reads no more arguments than its header names`, () => {
    const named = [...header.matchAll(/^-- {3}(\d) \S+/gm)].map((match) => Number(match[1]))
    const used = [...source.matchAll(/ARGV\[(\d+)\]/g)].map((match) => Number(match[1]))
    assert.ok(Math.max(0, ...used) <= Math.max(...named), `${String(used)} of ${String(named)}`)
  })
}

test('no script reads a whole key: no KEYS, SCAN, SMEMBERS or open range', () => {
  for (const name of SCRIPTS) {
    const lua = assembleScript(name).replaceAll(/^\s*--.*$/gm, '')
    assert.ok(!/'(KEYS|SCAN|SMEMBERS|HSCAN|ZSCAN|FLUSHDB|FLUSHALL)'/.test(lua), name)
  }
})

test.run()
