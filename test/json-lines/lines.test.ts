import * as assert from 'node:assert/strict'
import { Readable } from 'node:stream'

import * as fc from 'fast-check'
import { suite } from 'uvu'

import { splitLines, type Line } from '../../src/json-lines/lines.ts'
import { collect } from '../contract/assertions.ts'

const test = suite('splitting text into JSON lines')

/** The lines of these chunks, each as its text. */
async function split(chunks: (string | Uint8Array)[]): Promise<string[]> {
  return (await linesOf(chunks)).map((line) => line.text)
}

function linesOf(chunks: (string | Uint8Array)[]): Promise<Line[]> {
  const refuse = (line: number, expected: string): Error => new Error(`line ${line}: ${expected}`)
  return collect(splitLines(Readable.from(chunks), refuse))
}

const line = fc
  .dictionary(
    fc.string({ unit: 'grapheme' }),
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('}{'), fc.double()),
  )
  .map((value) => JSON.stringify(value))

test('bytes cut anywhere, in the middle of characters too, give the lines they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.nat({ max: 7 }), fc.boolean(), async (lines, size, isText) => {
      const text = lines.join('\n')
      const bytes = Buffer.from(text)
      const chunks: (string | Buffer)[] = []
      for (let start = 0; start < bytes.length; start += size + 1) chunks.push(bytes.subarray(start, start + size + 1))
      const whole = isText ? Array.from(text) : chunks
      assert.deepEqual(await split(whole), lines)
    }),
  )
})

test('whole lines without their ends are lines', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line), async (lines) => {
      assert.deepEqual(await split(lines), lines)
      assert.deepEqual(await split(lines.map((text) => Buffer.from(text))), lines)
      assert.deepEqual(await split(lines.map((text) => `${text}\n`)), lines)
    }),
  )
})

test('empty lines are left out and counted, and the end of the last line may be missing', async () => {
  assert.deepEqual(await linesOf(['\n{}\r\n', '\n\r\n[]\n \n', '{"a":1}']), [
    { text: '{}\r', number: 2 },
    { text: '[]', number: 5 },
    { text: '{"a":1}', number: 7 },
  ])
  assert.deepEqual(await linesOf([]), [])
})

test('a byte order mark is no part of the first line', async () => {
  assert.deepEqual(await split(['\ufeff{}', '{"a":1}']), ['{}', '{"a":1}'])
  assert.deepEqual(await split([Buffer.from('\ufeff{}\n{}')]), ['{}', '{}'])
})

test('bytes that are no UTF-8 are refused with the number of their line', async () => {
  await assert.rejects(linesOf(['{}\n', Buffer.from([0xc3, 0x28])]), /^Error: line 2: UTF-8$/)
  await assert.rejects(linesOf([Buffer.from('{}\n{}\n'), Buffer.from([0xc3])]), /^Error: line 3: UTF-8$/)
  await assert.rejects(linesOf([Buffer.from([0xc3]), 'text']), /^Error: line 1: UTF-8$/)
})

test('a line without an end is refused before it fills the memory', async () => {
  let chunks = 0
  const endless = (async function* () {
    for (;;) {
      chunks++
      yield 'x'.repeat(1024 * 1024)
    }
  })()
  const refuse = (number: number, expected: string): Error => new Error(`line ${number}: ${expected}`)
  await assert.rejects(collect(splitLines(endless, refuse)), /^Error: line 1: at most 67108864 characters$/)
  assert.equal(chunks, 65)
})

test.run()
