import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { root } from '../support/repository.ts'
import { sharedRedis } from '../support/shared-redis.ts'
import { installTarball } from './consumer.ts'
import { execute } from './execute.ts'
import { CJS_PROGRAM, ESM_PROGRAM, HTTP_PROGRAM, SQLITE_ERROR_PROGRAM, TYPED_PROGRAM } from './programs.ts'

const test = suite('the packed package')
const { bare, complete } = installTarball()

test('holds the build, the Lua scripts and the papers, and nothing else', () => {
  const installed = join(bare, 'node_modules/jobledger')
  assert.equal(readdirSync(installed).sort(), ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'lua', 'package.json'])
  assert.equal(filesIn(join(installed, 'lua')), filesIn(join(root, 'lua')))
  assert.ok(filesIn(join(installed, 'lua')).includes('apply.lua'))
  const built = filesIn(join(root, 'src')).map((name) => name.replace(/\.ts$/, ''))
  const kinds = ['.d.ts', '.js', '.js.map']
  assert.equal(filesIn(join(installed, 'dist')), built.flatMap((name) => kinds.map((kind) => name + kind)).sort())
})

test('names no path of the machine it was built on', () => {
  const installed = join(bare, 'node_modules/jobledger')
  const naming = filesIn(installed).filter((name) => readFileSync(join(installed, name), 'utf8').includes(root))
  assert.equal(naming, [])
})

test('creates a job and reads it back on each backend, from ESM', async () => {
  assert.is(run(complete, 'program.mjs', ESM_PROGRAM, await allBackends()), 'memory\nsqlite\nredis\n')
})

test('creates a job and reads it back on each backend, by require', async () => {
  assert.is(run(complete, 'program.cjs', CJS_PROGRAM, await allBackends()), 'memory\nsqlite\nredis\n')
})

test('works without better-sqlite3, and says how to get it once it is needed', async () => {
  const others = (await allBackends()).filter(({ type }) => type !== 'sqlite')
  assert.is(run(bare, 'program.mjs', ESM_PROGRAM, others), 'memory\nredis\n')
  assert.match(run(bare, 'sqlite.mjs', SQLITE_ERROR_PROGRAM), 'npm install better-sqlite3')
})

test('serves jobs over HTTP', () => {
  assert.is(run(complete, 'http.mjs', HTTP_PROGRAM), '404 application/problem+json\n')
})

test('loads hono for HTTP only', () => {
  const hono = join(bare, 'node_modules/hono')
  renameSync(hono, `${hono}-away`)
  try {
    assert.is(run(bare, 'program.mjs', ESM_PROGRAM, [{ type: 'memory' }]), 'memory\n')
    assert.throws(() => run(bare, 'http.mjs', HTTP_PROGRAM), /ERR_MODULE_NOT_FOUND[^]*hono/)
  } finally {
    renameSync(`${hono}-away`, hono)
  }
})

test('brings the command line, which reads what a program has stored', () => {
  const path = join(complete, `${randomUUID()}.db`)
  run(complete, 'program.mjs', ESM_PROGRAM, [{ type: 'sqlite', path } as { type: string }])
  const bin = join(complete, 'node_modules/.bin/jobledger')
  const { job, version } = JSON.parse(execute(bin, ['--store', `sqlite:${path}`, 'get', 'job-1', '--json'], complete))
  assert.equal([job.userId, version], ['user-1', 1])
  assert.match(execute(bin, ['--version'], complete), /^\d+\.\d+\.\d+\n$/)
})

test('brings its types', () => {
  writeFileSync(join(complete, 'program.mts'), TYPED_PROGRAM)
  const typeRoots = join(root, 'node_modules/@types')
  const options = '--noEmit --strict --target es2023 --module nodenext --skipLibCheck --types node'.split(' ')
  const tsc = join(root, 'node_modules/.bin/tsc')
  execute(tsc, [...options, '--typeRoots', typeRoots, 'program.mts'], complete)
})

async function allBackends(): Promise<{ type: string }[]> {
  const { url } = await sharedRedis()
  const path = join(complete, `${randomUUID()}.db`)
  return [{ type: 'memory' }, { type: 'sqlite', path } as { type: string }, redisConfig(url)]
}

function redisConfig(url: string): { type: string; url: string; prefix: string } {
  return { type: 'redis', url, prefix: randomUUID() }
}

/** Runs a program in a consumer's folder. That it ends by itself is part of what is tried. @returns what it printed */
function run(folder: string, file: string, program: string, configs: { type: string }[] = []): string {
  writeFileSync(join(folder, file), program)
  return execute(process.execPath, [file, JSON.stringify(configs)], folder)
}

function filesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => statSync(join(folder, name)).isFile()).sort()
}

test.run()
