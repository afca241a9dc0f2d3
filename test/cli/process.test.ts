import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'

import { suite } from 'uvu'

import { aJob } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { fill, sqlitePlace } from './support/places.ts'
import { runCli, startCli } from './support/run-cli.ts'

const PATIENCE = { timeoutMs: 20_000 }

const test = suite('The command line as a process')

for (const stderr of ['closed', '/dev/full'] as const)
  test(`what can not be said on stderr changes no exit code: ${stderr}`, async () => {
    const place = await sqlitePlace()
    await fill(place, (store) => store.create(aJob()))
    const missing = startCli(['--store', 'sqlite:/nowhere/jobs.db', 'stats'], { stderr })
    const misused = startCli([...place.args, 'compact'], { stderr })
    const tail = startCli([...place.args, 'tail', '--after', 'start'], { stderr })
    await eventually(() => assert.equal(tail.lines().length, 1), PATIENCE)
    const runs = [await missing.ended, await misused.ended, await tail.stop('SIGINT')]
    assert.deepEqual(
      runs.map(({ code }) => code),
      [3, 2, 0],
    )
  })

test('import from a pipe that nothing comes through is ended at once by Ctrl-C', async () => {
  const from = await sqlitePlace()
  await fill(from, (store) => store.create(aJob()))
  const { stdout: log } = await runCli([...from.args, 'export'])
  const place = await sqlitePlace()
  const input = log.slice(0, log.indexOf('\n') + 1)
  const running = startCli([...place.args, 'import', '--yes'], { input, keepsInputOpen: true })
  const path = (place.args[1] ?? '').replace('sqlite:', '')
  await eventually(() => assert.ok(existsSync(path), 'it has not begun'), PATIENCE)
  const { code, stderr } = await running.stop('SIGINT')
  // Where it does not end by itself, it is ended, and says nothing.
  assert.deepEqual([code, stderr], [130, 'Interrupted.\n'])
})

test.run()
