import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { suite } from 'uvu'

import { root } from './support/repository.ts'

const test = suite('The types of the public surface')

/** Compiles one file of test/types under the project's own rules. */
function compile(file: string): { status: number | null; output: string } {
  const config = `test/types/${file}.tsconfig.json`
  writeFileSync(join(root, config), JSON.stringify({ extends: '../../tsconfig.json', include: [file] }))
  try {
    const run = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', config], {
      cwd: root,
      encoding: 'utf8',
    })
    return { status: run.status, output: run.stdout + run.stderr }
  } finally {
    rmSync(join(root, config))
  }
}

test('programs written against the surface compile against the package', () => {
  for (const file of ['programs.ts', 'http-program.ts']) {
    const { status, output } = compile(file)
    assert.equal(status, 0, output)
  }
})

test('a program that asks for what is not there does not', () => {
  const file = join(root, 'test/types/wrong.ts')
  writeFileSync(
    file,
    "import { MemoryJobStore } from '../../src/index.ts'\nvoid new MemoryJobStore().updateStatus('j', 'sleeping')\n",
  )
  try {
    const { status, output } = compile('wrong.ts')
    assert.notEqual(status, 0)
    assert.match(output, /'"sleeping"' is not assignable/)
  } finally {
    rmSync(file)
  }
})

test.run()
