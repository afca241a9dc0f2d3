import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { eventually } from '../support/eventually.ts'
import { isAlive } from '../support/is-alive.ts'
import { programPath } from '../support/repository.ts'

const test = suite('the test runner')
const runner = programPath(new URL('../run.ts', import.meta.url))

/** Each fixture is the body of a test file, with `test` and `assert` at hand. */
const PASSING = `test('one', () => {}); test('two', () => {}); test.run()`

test('is green when every test of every file passed, and counts them', async () => {
  const run = await runFixtures({ a: PASSING, b: PASSING })
  assert.is(run.lastLine, '4 passed, 0 failed')
  assert.is(run.exitCode, 0, run.output)
})

test('adds up the tests of several suites in a file', async () => {
  const run = await runFixtures({ a: `${PASSING}; const more = suite('more'); more('three', () => {}); more.run()` })
  assert.is(run.lastLine, '3 passed, 0 failed')
  assert.is(run.exitCode, 0, run.output)
})

test('fails on a failing test, and shows what it said', async () => {
  const run = await runFixtures({ a: PASSING, b: `test('x', () => {}); test('y', () => assert.is(1, 2)); test.run()` })
  assert.is(run.lastLine, '3 passed, 1 failed')
  assert.is(run.exitCode, 1)
  assert.match(run.output, 'Expected values to be strictly equal')
})

test('fails on an error in a before hook, which uvu swallows', async () => {
  const run = await runFixtures({ a: `test.before(() => { throw new Error('hook') }); ${PASSING}` })
  assert.is(run.lastLine, '0 passed, 2 failed')
  assert.is(run.exitCode, 1)
  assert.match(run.output, 'swallows')
})

test('fails on an error in an after hook, though every test passed', async () => {
  const run = await runFixtures({ a: `test.after(() => { throw new Error('hook') }); ${PASSING}` })
  assert.is(run.lastLine, '0 passed, 1 failed')
  assert.is(run.exitCode, 1)
})

test('fails on a file without a test, be it empty, without run() or with an empty suite', async () => {
  const run = await runFixtures({ a: PASSING, b: '', c: `test('never run', () => {})`, d: 'test.run()' })
  assert.is(run.lastLine, '2 passed, 3 failed')
  assert.is(run.exitCode, 1)
})

test('fails on a crash before, during and after the tests', async () => {
  const run = await runFixtures({
    before: `throw new Error('crash')`,
    during: `test('leaves', () => process.exit(0)); test.run()`,
    after: `setTimeout(() => { throw new Error('crash') }, 50); ${PASSING}`,
    killed: `test('dies', () => process.kill(process.pid, 'SIGKILL')); test.run()`,
  })
  assert.is(run.lastLine, '2 passed, 4 failed')
  assert.is(run.exitCode, 1)
  assert.match(run.output, 'killed by SIGKILL')
})

test('fails on a hang and kills it, whether in a test or after them all', async () => {
  const wait = `const wait = () => setInterval(() => {}, 1000)`
  const inTest = `${wait}; test('hangs', () => new Promise(() => wait())); test.run()`
  const run = await runFixtures({ inTest, afterwards: `${wait}; ${PASSING}; wait()` }, '--timeout-ms', '5000')
  assert.is(run.lastLine, '2 passed, 2 failed')
  assert.is(run.exitCode, 1)
  assert.match(run.output, 'had not ended after 5000 ms')
  assert.match(run.output, 'its tests had ended, and it had not')
})

test('kills what a test file leaves running', async () => {
  const spawned = `import('node:child_process').then(({ spawn }) => {
    const left = spawn('sleep', ['600'], { stdio: 'inherit' })
    left.unref()
    console.log('left running: ' + left.pid + '.')
    test('fails, so that its output is shown', () => assert.unreachable())
    test.run()
  })`
  const run = await runFixtures({ a: spawned })
  const pid = Number(/left running: (\d+)\./.exec(run.output)?.[1])
  assert.ok(pid > 0, run.output)
  await eventually(() => assert.not(isAlive(pid)))
})

test('fails on a skipped test and on one that keeps the others from running', async () => {
  const run = await runFixtures({
    skip: `test.skip('x', () => {}); ${PASSING}`,
    only: `test.only('x', () => {}); ${PASSING}`,
  })
  assert.is(run.lastLine, '3 passed, 3 failed')
  assert.is(run.exitCode, 1)
})

test('fails when no file matches', async () => {
  const run = await runFixtures({})
  assert.is(run.lastLine, '0 passed, 1 failed')
  assert.is(run.exitCode, 1)
})

interface Run {
  exitCode: number
  output: string
  lastLine: string
}

/** Writes the fixtures into a folder of their own and runs the runner on it. */
async function runFixtures(bodies: Record<string, string>, ...options: string[]): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'jobledger-runner-'))
  try {
    for (const [name, body] of Object.entries(bodies)) {
      writeFileSync(join(folder, `${name}.test.ts`), `${fixtureImports()}\n${body}\n`)
    }
    return await execute([folder, ...options])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** By address: from a temporary folder, the package's name leads nowhere. */
function fixtureImports(): string {
  return [
    `import { suite, test } from '${import.meta.resolve('uvu')}'`,
    `import * as assert from '${import.meta.resolve('uvu/assert')}'`,
  ].join('\n')
}

function execute(args: string[]): Promise<Run> {
  const command = [...process.execArgv, runner, ...args]
  return new Promise((resolve) => {
    execFile(process.execPath, command, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : Number(error.code ?? -1)
      resolve({ exitCode, output: stdout + stderr, lastLine: stdout.trimEnd().split('\n').at(-1) ?? '' })
    })
  })
}

test.run()
