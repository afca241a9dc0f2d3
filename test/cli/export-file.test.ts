import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createReadStream, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { suite } from 'uvu'

import { aJob } from '../contract/jobs.ts'
import { fill, sqlitePlace, temporaryFolder, type Place } from './support/places.ts'
import { runCli } from './support/run-cli.ts'

const test = suite('Exporting under a name that is taken')

/** A store with one event. */
async function placeWithJob(): Promise<Place> {
  const place = await sqlitePlace()
  await fill(place, (store) => store.create(aJob()))
  return place
}

test('a link stays a link, and what it leads to is written, there or not', async () => {
  const place = await placeWithJob()
  const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()]
  const [old, made] = [join(elsewhere, 'old.jsonl'), join(elsewhere, 'made.jsonl')]
  writeFileSync(old, 'old', { mode: 0o600 })
  for (const [name, file] of [
    ['a', old],
    ['b', made],
  ] as const) {
    symlinkSync(file, join(folder, name))
    symlinkSync(name, join(folder, `${name}${name}`))
    const { code, stderr } = await runCli([...place.args, 'export', join(folder, `${name}${name}`), '--yes'])
    assert.equal(code, 0, stderr)
    assert.match(readFileSync(file, 'utf8'), /"type":"created"/)
    assert.ok(lstatSync(join(folder, name)).isSymbolicLink())
    assert.ok(lstatSync(join(folder, `${name}${name}`)).isSymbolicLink())
  }
  assert.equal(statSync(old).mode & 0o777, 0o600, 'who may read it')
  assert.deepEqual(
    [readdirSync(folder), readdirSync(elsewhere)].map((names) => names.length),
    [4, 2],
  )
})

test('a pipe is written to', async () => {
  const place = await placeWithJob()
  const pipe = join(temporaryFolder(), 'pipe')
  execFileSync('mkfifo', [pipe])
  const unasked = await runCli([...place.args, 'export', pipe])
  assert.match(unasked.stderr, /is no file, and will be written to.*--yes/)
  const [read, { code, stdout }] = await Promise.all([
    text(createReadStream(pipe)),
    runCli([...place.args, 'export', pipe, '--yes']),
  ])
  assert.match(read, /"type":"created"/)
  assert.match(stdout, /1 event written to/)
  assert.ok(lstatSync(pipe).isFIFO())
  assert.deepEqual([unasked.code, code], [2, 0])
})

test('no other file is touched, also when the export fails', async () => {
  const place = await placeWithJob()
  const folder = temporaryFolder()
  const file = join(folder, 'log.jsonl')
  writeFileSync(`${file}.unfinished`, 'precious')
  assert.equal((await runCli([...place.args, 'export', file])).code, 0)
  assert.equal((await runCli([...place.args, 'export', folder, '--yes'])).code, 3)
  assert.equal((await runCli(['--store', 'sqlite:/nowhere/jobs.db', 'export', file, '--yes'])).code, 3)
  assert.equal(readFileSync(`${file}.unfinished`, 'utf8'), 'precious')
  assert.deepEqual(readdirSync(folder), ['log.jsonl', 'log.jsonl.unfinished'])
})

test.run()
