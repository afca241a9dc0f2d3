import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { lintFiles } from './lint-files.ts'

const test = suite('the import rule')

/** A file, and what it imports. */
type Arrow = [file: string, imported: string]

const BACKENDS = ['memory', 'sqlite', 'redis']

const FORBIDDEN: Arrow[] = [
  ['src/core/job.ts', '../codec.ts'],
  ['src/core/job.ts', './../codec.ts'],
  ['src/core/job.ts', '../redis/keys.ts'],
  ['src/core/deep/er/job.ts', '../../../redis/deep/er/keys.ts'],
  ['src/core/job.ts', 'node:crypto'],
  ['src/core/job.ts', 'crypto'],
  ['src/core/job.ts', 'msgpackr'],
  ['src/core/job.ts', '@scope/package'],
  ...BACKENDS.flatMap((from) =>
    BACKENDS.filter((to) => to !== from).flatMap((to): Arrow[] => [
      [`src/${from}/backend.ts`, `../${to}/backend.ts`],
      [`src/${from}/deep/er/part.ts`, `../../../${to}/deep/er/part.ts`],
    ]),
  ),
  ...['store', 'batcher', 'backend', 'feed', 'projector', 'migrate', 'codec'].flatMap((from) =>
    BACKENDS.map((to): Arrow => [`src/${from}.ts`, `./${to}/backend.ts`]),
  ),
  ...BACKENDS.map((to): Arrow => ['src/http/handler.ts', `../${to}/backend.ts`]),
  ...BACKENDS.map((to): Arrow => ['src/legacy/redis.ts', `../${to}/backend.ts`]),
  ['src/legacy/sqlite.ts', '../sqlite/deep/driver.ts'],
  ...['store', 'redis/backend', 'http/handler', 'legacy/redis', 'core/job'].flatMap((from) => {
    const up = from.includes('/') ? '..' : '.'
    return ['index.ts', 'config.ts', 'cli/main.ts'].map((to): Arrow => [`src/${from}.ts`, `${up}/${to}`])
  }),
]

const ALLOWED: Arrow[] = [
  ['src/core/job.ts', './errors.ts'],
  ['src/core/job.ts', './deep/part.ts'],
  ['src/store.ts', './core/job.ts'],
  ['src/store.ts', './backend.ts'],
  ['src/store.ts', 'lru-cache'],
  ['src/http/handler.ts', '../store.ts'],
  ['src/legacy/redis.ts', '../redis/failures.ts'],
  ['src/legacy/sqlite.ts', '../sqlite/driver.ts'],
  ['src/redis/backend.ts', '../core/job.ts'],
  ['src/redis/backend.ts', '../backend.ts'],
  ['src/redis/backend.ts', './keys.ts'],
  ['src/redis/backend.ts', 'ioredis'],
  ['src/sqlite/backend.ts', 'node:fs'],
  ...['index', 'config'].flatMap((from) => BACKENDS.map((to): Arrow => [`src/${from}.ts`, `./${to}/store.ts`])),
  ['src/cli/main.ts', '../redis/store.ts'],
  ['src/cli/main.ts', '../index.ts'],
  ['test/redis.test.ts', '../src/redis/store.ts'],
]

type Write = (imported: string, name: string) => string

/** Every form in which one module can name another, on one line. */
const FORMS: Record<string, Write> = {
  import: (imported, name) => `import { value as ${name} } from '${imported}'`,
  'import type': (imported, name) => `import type { Value as ${name} } from '${imported}'`,
  export: (imported, name) => `export { value as ${name} } from '${imported}'`,
  'export all': (imported, name) => `export * as ${name} from '${imported}'`,
  'dynamic import': (imported) => `await import('${imported}')`,
}

for (const [form, write] of Object.entries(FORMS)) {
  test(`refuses each forbidden arrow, written as: ${form}`, () => {
    const { exitCode, refused } = lintArrows(FORBIDDEN, write)
    assert.equal(
      FORBIDDEN.filter((arrow) => !refused.includes(arrow)),
      [],
    )
    assert.is(exitCode, 1)
  })

  test(`lets each allowed arrow pass, written as: ${form}`, () => {
    assert.equal(lintArrows(ALLOWED, write).refused, [])
  })
}

test('refuses a cycle', () => {
  const { exitCode, offences } = lintFiles({
    'src/one.ts': `import { two } from './two.ts'\nexport const one = (): number => two()\n`,
    'src/two.ts': `import { one } from './one.ts'\nexport const two = (): number => one()\n`,
  })
  assert.ok(offences.some(({ rule }) => rule === 'import(no-cycle)'))
  assert.is(exitCode, 1)
})

/** Writes each file with all its imports, one a line, and tells which of them the rule refuses. */
function lintArrows(arrows: Arrow[], write: Write): { exitCode: number; refused: Arrow[] } {
  const byFile = new Map<string, Arrow[]>()
  for (const arrow of arrows) byFile.set(arrow[0], [...(byFile.get(arrow[0]) ?? []), arrow])
  const texts = [...byFile].map(([file, own]) => [
    file,
    own.map(([, imported], index) => write(imported, `name${index}`)).join('\n'),
  ])
  const { exitCode, offences } = lintFiles(Object.fromEntries(texts))
  const refused = offences
    .filter(({ rule }) => rule === 'eslint(no-restricted-imports)')
    .map(({ file, line }) => byFile.get(file)?.[line - 1])
  return { exitCode, refused: refused.filter((arrow) => arrow !== undefined) }
}

test.run()
