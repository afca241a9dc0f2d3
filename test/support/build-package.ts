import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { onProcessEnd } from './process-end.ts'

/**
 * Builds the package as `npm run build` does: what users run, and it starts in half the time that tsx takes. The folder
 * goes with the process.
 * @returns the folder, which holds dist, lua and package.json
 */
export function buildPackage(): string {
  const root = join(import.meta.dirname, '../..')
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'jobledger-build-'))
  onProcessEnd(() => rmSync(folder, { recursive: true, force: true }))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const emit = ['--noCheck', '--declaration', 'false', '--isolatedDeclarations', 'false', '--outDir', `${folder}/dist`]
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), ...emit], { stdio: 'inherit' })
  cpSync(join(root, 'lua'), join(folder, 'lua'), { recursive: true })
  cpSync(join(root, 'package.json'), join(folder, 'package.json'))
  return folder
}
