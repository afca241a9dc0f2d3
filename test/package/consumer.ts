import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

import { onProcessEnd } from '../support/process-end.ts'
import { root } from '../support/repository.ts'
import { execute } from './execute.ts'

/** Two folders of somebody who has installed the tarball, without the optional better-sqlite3 and with it. */
export interface Consumers {
  bare: string
  complete: string
}

/** Packs the package and installs the tarball. The folders are removed when the process ends. */
export function installTarball(): Consumers {
  const folder = mkdtempSync(join(tmpdir(), 'jobledger-package-'))
  onProcessEnd(() => rmSync(folder, { recursive: true, force: true }))
  const tarball = pack(folder)
  const bare = join(folder, 'bare')
  mkdirSync(bare)
  writeFileSync(join(bare, 'package.json'), '{ "private": true }\n')
  execute('npm', ['install', '--omit=optional', '--prefer-offline', '--no-audit', '--no-fund', tarball], bare)
  const complete = join(folder, 'complete')
  cpSync(bare, complete, { recursive: true, verbatimSymlinks: true })
  // The one that npm ci has built here: compiling it again would take a minute and try nothing of ours.
  symlinkSync(join(root, 'node_modules/better-sqlite3'), join(complete, 'node_modules/better-sqlite3'))
  return { bare, complete }
}

/** From a copy without dist, so that nothing left over from an earlier build can stand in for what this one makes. */
function pack(folder: string): string {
  const copy = join(folder, 'checkout')
  const left = new Set(['node_modules', 'dist', '.git'].map((name) => join(root, name)))
  cpSync(root, copy, { recursive: true, filter: (source) => !left.has(source) })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  execute('npm', ['pack', '--pack-destination', folder], copy)
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  if (tarballs.length !== 1) throw new Error(`npm pack made ${tarballs.length} tarballs, not one`)
  return join(folder, basename(tarballs[0] ?? ''))
}
