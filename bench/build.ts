import { pathToFileURL } from 'node:url'

import { buildPackage } from '../test/support/build-package.ts'

/** The package's own exports. */
export type Package = typeof import('../src/index.ts')

/** The package as it was built. */
export interface Built {
  exports: Package
  /** The main module's URL, for other processes. */
  main: string
}

/**
 * Builds the package and loads that. Under tsx each closure that the source makes is given its name anew (esbuild's
 * keepNames), which peers, compiled long ago, don't pay for.
 */
export async function loadBuilt(): Promise<Built> {
  const main = pathToFileURL(`${buildPackage()}/dist/index.js`).href
  return { exports: (await import(main)) as Package, main }
}
