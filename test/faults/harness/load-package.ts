import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** All that the package exports. */
export type Package = typeof import('../../../src/index.ts')

/** @param build folder of a built package; null for the sources */
export async function loadPackage(build: string | null): Promise<Package> {
  const file = build === null ? '../../../src/index.ts' : pathToFileURL(join(build, 'dist/index.js')).href
  return (await import(file)) as Package
}
