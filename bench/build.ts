import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { onProcessEnd } from '../test/support/process-end.ts'

/** The package's own exports. */
export type Package = typeof import('../src/index.ts')

/**
 * Builds the package as `npm run build` does and loads that: what users run. Under tsx each closure that the source makes
 * is given its name anew (esbuild's keepNames), which peers, compiled long ago, don't pay for.
 */
export async function loadBuilt(): Promise<Package> {
  const root = join(import.meta.dirname, '..')
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'jobledger-bench-'))
  onProcessEnd(() => rmSync(folder, { recursive: true, force: true }))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const emit = ['--noCheck', '--declaration', 'false', '--isolatedDeclarations', 'false', '--outDir', `${folder}/dist`]
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), ...emit], { stdio: 'inherit' })
  cpSync(join(root, 'lua'), join(folder, 'lua'), { recursive: true })
  cpSync(join(root, 'package.json'), join(folder, 'package.json'))
  return (await import(pathToFileURL(`${folder}/dist/index.js`).href)) as Package
}
