import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

import { root } from './repository.ts'

/** Test files as JavaScript. Its folder goes when it is disposed of. */
export interface CompiledTests extends Disposable {
  /** @returns where a source was compiled to; the source itself, if it is none of the repository's */
  pathOf(source: string): string
}

/**
 * Compiles all sources, if one of the test files is among them: that takes a second, where each process that tsx starts
 * takes half a second more than one that loads JavaScript, and is slower while it runs. Types are checked elsewhere.
 */
export function compileTests(files: readonly string[]): CompiledTests {
  if (!files.some(isOurs)) return { pathOf: (source) => source, [Symbol.dispose]: () => {} }
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'jobledger-tests-'))
  compileInto(folder)
  return {
    pathOf: (source) => (isOurs(source) ? join(folder, relative(root, source).replace(/\.ts$/, '.js')) : source),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function compileInto(folder: string): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const emit = ['--noEmit', 'false', '--noCheck', '--sourceMap', '--rootDir', root, '--outDir', folder]
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.json'), ...emit], { stdio: 'inherit' })
  for (const name of ['lua', 'package.json', 'test/golden']) symlinkSync(join(root, name), join(folder, name))
}

function isOurs(source: string): boolean {
  return !relative(root, source).startsWith(`..${sep}`)
}
