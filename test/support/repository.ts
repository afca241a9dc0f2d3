import { realpathSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Holds the src and test that are running: the repository, or what compileTests() made of it. */
export const tree = join(import.meta.dirname, '../..')

/** The repository, also for what runs compiled: package.json is a link there. */
export const root = dirname(realpathSync(join(tree, 'package.json')))

const extension = extname(import.meta.filename)

/** Whether this is what compileTests() made. */
export const isCompiled = extension === '.js'

/** @returns the path of a program, named by its source, as this process can start it: compiled if it is so itself */
export function programPath(source: URL): string {
  return fileURLToPath(source).replace(/\.ts$/, extension)
}
