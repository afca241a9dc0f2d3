import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'

import { suite } from 'uvu'

import { confirm } from '../../src/cli/confirm.ts'
import type { Context, Surroundings } from '../../src/cli/context.ts'
import { jsonOf } from '../../src/cli/terminal/json.ts'
import { Output } from '../../src/cli/terminal/output.ts'
import { ProgressBar } from '../../src/cli/terminal/progress-bar.ts'
import { Screen } from '../../src/cli/terminal/screen.ts'
import { wrap } from '../../src/cli/terminal/text.ts'
import { printable } from '../../src/core/printable.ts'
import { withProgress } from '../../src/cli/with-progress.ts'

const test = suite('The command line on a terminal')

/** A stream that takes itself for a terminal, and what was written to it. */
function terminal(columns = 80): { stream: NodeJS.WriteStream; written: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns, rows: 24 })
  return { stream: stream as unknown as NodeJS.WriteStream, written: () => String(stream.read() ?? '') }
}

function contextOf(answer: string, isConfirmed = false): { context: Context; written: () => string } {
  const { stream: stderr, written } = terminal()
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  stdin.end(answer)
  const surroundings = { stdin, stdout: stderr, stderr, env: {}, signal: new AbortController().signal }
  const progress = new Screen(stderr, {})
  const context = { surroundings: surroundings as unknown as Surroundings, isConfirmed, progress }
  return { context: context as Context, written }
}

test('colours are for terminals, and not for those that ask for none', () => {
  const paint = (env: Record<string, string>, isTTY = true): string => {
    const { stream, written } = terminal()
    new Output(new Screen(Object.assign(stream, { isTTY }), env)).line('text', 'green')
    return written()
  }
  assert.equal(paint({}), '\u001b[32mtext\u001b[39m\n')
  assert.equal(paint({ NO_COLOR: '1' }), 'text\n')
  assert.equal(paint({ TERM: 'dumb' }), 'text\n')
  assert.equal(paint({}, false), 'text\n')
})

test('what was painted is ours alone: a text can not paint itself', () => {
  const { stream, written } = terminal()
  const output = new Output(new Screen(stream, {}))
  output.table({ columns: [{ title: 'a\u001b[31m' }], rows: [['b\u001b[31m']], paint: () => 'red' })
  output.heading('c\u001b[31m')
  assert.deepEqual(written().split('\u001b[31m').length, 2, 'only the row is red, once')
})

test('a change is asked for, and only yes is yes', async () => {
  for (const answer of ['y\n', 'yes\n', 'YES\n']) {
    const { context, written } = contextOf(answer)
    await confirm(context, 'All\u001b[2J will be gone.')
    assert.equal(written(), 'All·[2J will be gone. Go on? [y/N] ')
  }
  for (const answer of ['\n', 'n\n', 'yesterday\n'])
    await assert.rejects(confirm(contextOf(answer).context, 'All will be gone.'), /Nothing was done/)
})

test('nothing is asked that was confirmed already', async () => {
  const { context, written } = contextOf('', true)
  await confirm(context, 'All will be gone.')
  assert.equal(written(), '')
})

test('a terminal is cut off from the question by the end of its input', async () => {
  await assert.rejects(confirm(contextOf('').context, 'All will be gone.'), /Nothing was done/)
})

test('progress says how many, how fast, how long still, and goes away', async () => {
  const { context, written } = contextOf('')
  const result = await withProgress(context, async ({ onProgress }) => {
    onProgress({ events: 1234, jobs: 5, fraction: 0.5 })
    await new Promise((resolve) => setTimeout(resolve, 250))
    return 'done'
  })
  assert.equal(result, 'done')
  const text = written()
  assert.match(text, /50 % {2}1,234 events {2}[\d,]+ events\/s {2}1 s left/)
  assert.ok(text.endsWith('\u001b[J\u001b[?25h'))
})

test('a value among others is cut on a terminal, and nowhere else', () => {
  const { stream } = terminal()
  assert.equal(new Output(new Screen(stream, {}, Infinity)).longestValue, 60)
  const elsewhere = new Screen(Object.assign(stream, { isTTY: false }), {}, Infinity)
  assert.equal(new Output(elsewhere).longestValue, Infinity)
})

test('the cursor is shown again on a terminal, and nowhere else', () => {
  const { stream, written } = terminal()
  new Screen(stream, {}).draw(['half done'])
  new Screen(stream, {}).restore()
  assert.ok(written().endsWith('\u001b[?25h'))
  new Screen(Object.assign(stream, { isTTY: false }), {}).restore()
  assert.equal(written(), '')
})

test('a bar fits a narrow terminal', () => {
  const { stream, written } = terminal(30)
  const bar = new ProgressBar(new Screen(stream, { NO_COLOR: '1' }), 'event', 10_000)
  bar.update({ done: 5000, fraction: 0.5 })
  bar.stop()
  for (const line of stripVTControlCharacters(written()).split(/[\n\r]/)) assert.ok(line.length < 30, line)
})

test('a long word wraps whole: an id must be there to be copied', () => {
  const id = 'x'.repeat(25)
  assert.deepEqual(wrap(`job ${id} failed`, 10), ['job', 'x'.repeat(10), 'x'.repeat(10), 'xxxxx', 'failed'])
})

test('JSON has a form for every value that a store keeps', () => {
  const value = {
    at: new Date(0),
    big: 12n,
    bytes: Buffer.from('hi'),
    odd: [Number.NaN, -Infinity],
    text: '\u009b\u2028ä',
  }
  const json = jsonOf(value)
  assert.equal(
    json,
    String.raw`{"at":"1970-01-01T00:00:00.000Z","big":"12","bytes":"aGk=","odd":["NaN","-Infinity"],"text":"\u009b\u2028ä"}`,
  )
  assert.equal(JSON.parse(json).text, value.text)
  assert.equal(jsonOf(undefined), 'null')
})

test('nothing of what steers a terminal is printable', () => {
  assert.equal(printable('a\u001b[2J\u009b1m\r\n\t\u0000\u007f\u202eb'), 'a·[2J·1m······b')
})

test.run()
