import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { lintFiles } from './lint-files.ts'

const test = suite('the type-aware linter')

/** A rule that must be able to fail, and a file that offends it. */
const OFFENCES: Record<string, string> = {
  'typescript(no-floating-promises)': `export function forget(): void {\n  Promise.resolve(1)\n}\n`,
  'typescript(no-misused-promises)': `export const all = [1].filter(() => Promise.resolve(true))\n`,
  'typescript(no-explicit-any)': `export function take(value: any): void {\n  void value\n}\n`,
  'typescript(switch-exhaustiveness-check)': `export function name(tag: 'one' | 'two'): void {
  switch (tag) {
    case 'one':
      process.stdout.write(tag)
  }
}
`,
  'import(no-default-export)': `export default function nameless(): void {}\n`,
}

test('refuses what only types, or our own taste, can tell', () => {
  const files = Object.entries(OFFENCES).map(([rule, text], index) => ({ rule, text, path: `src/offence-${index}.ts` }))
  const texts = Object.fromEntries(files.map(({ path, text }) => [path, text]))
  const { exitCode, offences } = lintFiles(texts, '--type-aware')
  for (const { path, rule } of files) {
    const found = offences.filter(({ file }) => file === path).map((offence) => offence.rule)
    assert.equal(found, [rule])
  }
  assert.is(exitCode, 1)
})

test('lets good code pass', () => {
  const text = `export async function wait(): Promise<number> {\n  return (await Promise.resolve(1)) + 1\n}\n`
  const { exitCode, offences } = lintFiles({ 'src/good.ts': text }, '--type-aware')
  assert.equal(offences, [])
  assert.is(exitCode, 0)
})

test.run()
