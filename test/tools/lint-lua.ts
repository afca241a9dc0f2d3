/** Runs luacheck over the Lua scripts as Redis gets them, includes put in. Where there is no luacheck it says so and passes. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

import { assembleScript } from '../../src/redis/scripts.ts'
import { root } from '../support/repository.ts'

/** luacheck's code for a local that nothing uses. */
const UNUSED = '211'

interface Finding {
  code: string
  message: string
  /** The line it is about: all that an assembled script and the file that the line came from have in common. */
  source: string
}

if (spawnSync('luacheck', ['--version']).status === 0) lint()
else console.log('NOTE: lua/ was not checked, since luacheck is not installed (Debian: apt-get install lua-check).')

function lint(): void {
  const names = readdirSync(join(root, 'lua')).filter((name) => name.endsWith('.lua'))
  if (names.length === 0) throw new Error('there is no script in lua/')
  const scripts = new Map(names.map((name) => [name, assembleScript(basename(name, '.lua')).split('\n')]))
  const findings = worthSaying(luacheck(scripts), scripts)
  for (const { code, message, source } of findings) console.log(`${place(source)}: ${message} (${code})\n    ${source}`)
  console.log(`luacheck: ${names.length} scripts, ${findings.length} findings`)
  if (findings.length > 0) process.exitCode = 1
}

function luacheck(scripts: Map<string, string[]>): Finding[] {
  const folder = mkdtempSync(join(tmpdir(), 'jobledger-lua-'))
  try {
    for (const [name, lines] of scripts) writeFileSync(join(folder, name), lines.join('\n'))
    const args = ['--config', join(root, '.luacheckrc'), '--formatter', 'plain', '--codes', ...scripts.keys()]
    const run = spawnSync('luacheck', args, { cwd: folder, encoding: 'utf8' })
    const reported = run.stdout.split('\n').filter((line) => line !== '')
    if (run.status === null || run.status > 2) throw new Error(`luacheck failed: ${run.stderr}${run.stdout}`)
    return reported.map((line) => parseFinding(line, scripts))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function parseFinding(reported: string, scripts: Map<string, string[]>): Finding {
  const [, name = '', line = '', code = '', message = ''] =
    /^([^:]+):(\d+):\d+: \([EW](\d+)\) (.*)$/.exec(reported) ?? []
  const source = scripts.get(name)?.[Number(line) - 1]
  if (source === undefined) throw new Error(`luacheck printed a line that is not understood: ${reported}`)
  return { code, message, source }
}

/** A line of an include is named once, and as unused only if that holds in every script that the include is part of. */
function worthSaying(findings: Finding[], scripts: Map<string, string[]>): Finding[] {
  const identify = (finding: Finding): string => `${finding.code} ${finding.message} ${finding.source}`
  const once = new Map(findings.map((finding) => [identify(finding), finding]))
  return [...once.values()].filter((finding) => {
    if (finding.code !== UNUSED) return true
    const reported = findings.filter((other) => identify(other) === identify(finding)).length
    return reported >= [...scripts.values()].filter((lines) => lines.includes(finding.source)).length
  })
}

/** Where in lua/ the line stands. */
function place(source: string): string {
  for (const name of readdirSync(join(root, 'lua'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.lua')) continue
    const index = readFileSync(join(root, 'lua', name), 'utf8')
      .split('\n')
      .indexOf(source)
    if (index >= 0) return `lua/${name}:${index + 1}`
  }
  return 'lua/'
}
