import { pathToFileURL } from 'node:url'

import { buildPackage } from '../test/support/build-package.ts'

/** The package's own exports. */
export type Package = typeof import('../src/index.ts')

/**
 * Builds the package and loads that. Under tsx each closure that the source makes is given its name anew (esbuild's
 * keepNames), which peers, compiled long ago, don't pay for.
 */
export async function loadBuilt(): Promise<Package> {
  return (await import(pathToFileURL(`${buildPackage()}/dist/index.js`).href)) as Package
}
