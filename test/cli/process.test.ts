import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import Database from 'better-sqlite3'
import { suite } from 'uvu'

import { aJob } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { fill, sqlitePlace, temporaryFolder } from './support/places.ts'
import { runCli, startCli, type CliRun } from './support/run-cli.ts'

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

function isAdopting(path: string): boolean {
  const database = new Database(path, { readonly: true })
  try {
    return database.prepare('SELECT is_adopting FROM meta').pluck().get() === 1
  } finally {
    database.close()
  }
}

for (const name of ['stdin', 'FILE'])
  test(`import from a pipe that nothing comes through is ended at once by Ctrl-C: ${name}`, async () => {
    const from = await sqlitePlace()
    await fill(from, (store) => store.create(aJob()))
    const { stdout: log } = await runCli([...from.args, 'export'])
    const input = `${log.split('\n').slice(0, 2).join('\n')}\n`
    const place = await sqlitePlace()
    // As a FILE it is what a shell makes of <(zcat log.gz).
    const pipe = join(temporaryFolder(), 'pipe')
    execFileSync('mkfifo', [pipe])
    const writer = await open(pipe, 'r+')
    try {
      const file = name === 'FILE' ? [pipe] : []
      const running = startCli([...place.args, 'import', '--yes', ...file], { input, keepsInputOpen: true })
      if (name === 'FILE') await writer.write(input)
      const path = (place.args[1] ?? '').replace('sqlite:', '')
      // The first event is being taken over: by then what may follow it is read.
      await eventually(() => assert.ok(isAdopting(path), 'it has not begun'), PATIENCE)
      let run: CliRun | undefined
      void running.stop('SIGINT').then((ended) => (run = ended))
      await eventually(() => assert.ok(run !== undefined, 'it goes on'), PATIENCE)
      // Where it does not end by itself, it is ended, and says nothing.
      assert.deepEqual([run?.code, run?.stderr], [130, 'Interrupted.\n'])
    } finally {
      await writer.close()
    }
  })

test('import reads a pipe that is named as a file', async () => {
  const from = await sqlitePlace()
  await fill(from, (store) => store.create(aJob()))
  const { stdout: log } = await runCli([...from.args, 'export'])
  const pipe = join(temporaryFolder(), 'pipe')
  execFileSync('mkfifo', [pipe])
  const importing = runCli([...(await sqlitePlace()).args, 'import', '--yes', pipe])
  const [{ code, stdout, stderr }] = await Promise.all([importing, writeFile(pipe, log)])
  assert.equal(code, 0, stderr)
  assert.match(stdout, /1 event, 1 job imported/)
})

test.run()
