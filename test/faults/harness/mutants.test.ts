import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { buildPackage } from '../../support/build-package.ts'
import { mutate } from './mutated-package.ts'
import { MUTANTS } from './mutants.ts'

const test = suite('Mutants of the fault suite')
const folder = buildPackage()

for (const mutant of MUTANTS)
  test(`"${mutant.name}" changes ${mutant.file}`, () => {
    for (const edit of [mutant, mutant.and ?? mutant]) assert.ok(mutate(edit, folder).includes(edit.inItsPlace))
  })

test('a text that is not there, or there twice, is an error', () => {
  const edit = { file: 'lua/lib/writer.lua', inItsPlace: '' }
  assert.throws(() => mutate({ ...edit, text: 'nowhere' }, folder), /0 times/)
  assert.throws(() => mutate({ ...edit, text: 'local function' }, folder), /[23] times/)
})

test('each has a name of its own', () => {
  assert.equal(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length)
})

test.run()
