import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { root } from '../support/repository.ts'

export interface LintResult {
  exitCode: number
  offences: Offence[]
}

export interface Offence {
  file: string
  line: number
  /** Like 'eslint(no-restricted-imports)'. */
  rule: string
}

/** The part of oxlint's JSON that is read. */
interface Diagnostic {
  code: string
  filename: string
  labels: { span: { line: number } }[]
}

/** Runs oxlint with the project's own configuration on files given by path and text, in a folder of their own. */
export function lintFiles(files: Record<string, string>, ...options: string[]): LintResult {
  const folder = mkdtempSync(join(tmpdir(), 'jobledger-lint-'))
  try {
    for (const name of ['.oxlintrc.json', 'tsconfig.json']) copyFileSync(join(root, name), join(folder, name))
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    return run(folder, [...options, ...Object.keys(files)])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function run(folder: string, args: string[]): LintResult {
  const oxlint = join(root, 'node_modules/.bin/oxlint')
  const { status, stdout, stderr } = spawnSync(oxlint, ['--format', 'json', ...args], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status === null || !stdout.startsWith('{')) throw new Error(`oxlint failed: ${stderr}${stdout.slice(0, 2000)}`)
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] }
  const offences = diagnostics.map(({ code, filename, labels }) => {
    return { file: filename, line: labels[0]?.span.line ?? 0, rule: code }
  })
  return { exitCode: status, offences }
}
