import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { buildPackage } from '../../support/build-package.ts'
import { onProcessEnd } from '../../support/process-end.ts'
import { MUTANTS, type Edit, type Mutant } from './mutants.ts'

/** Built once a process, since each mutant differs in one file only. */
let built: string | undefined

/**
 * Makes a package that is wrong in one place.
 * @returns its folder, which goes with the process
 * @throws Error if there is no such mutant, or the place is not there exactly once
 */
export function buildMutant(name: string): string {
  const mutant = mutantOf(name)
  built ??= buildPackage()
  const folder = mkdtempSync(join(dirname(built), 'jobledger-mutant-'))
  onProcessEnd(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(built, folder, { recursive: true })
  // One after the other: both may be in one file.
  for (const edit of [mutant, ...(mutant.and === undefined ? [] : [mutant.and])])
    writeFileSync(join(folder, edit.file), mutate(edit, folder))
  return folder
}

/** @returns the text of the file with the change. @throws Error as buildMutant does */
export function mutate({ file, text, inItsPlace }: Edit, folder: string): string {
  const parts = readFileSync(join(folder, file), 'utf8').split(text)
  if (parts.length !== 2)
    throw new Error(
      `A mutant changes a text that must stand once in ${file}; it stands there ${parts.length - 1} times: ${text}`,
    )
  return parts.join(inItsPlace)
}

/** @throws Error if there is none of that name */
export function mutantOf(name: string): Mutant {
  const mutant = MUTANTS.find((one) => one.name === name)
  if (mutant === undefined) throw new Error(`mutants.ts has no mutant "${name}"`)
  return mutant
}
