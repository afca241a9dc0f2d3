import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The scripts by name, each lua/<name>.lua with its includes, and what the server may know of it: see loadScripts. */
const FLAGS = {
  adopt: null,
  amend: 'allow-oom',
  apply: null,
  audit: 'no-writes',
  census: 'no-writes',
  change: null,
  check: 'no-writes',
  count: 'allow-oom',
  heads: 'no-writes',
  history: 'no-writes',
  lease: 'allow-oom',
  leftovers: 'allow-oom',
  list: 'allow-oom',
  mend: 'allow-oom',
  open: 'allow-oom',
  probe: 'allow-oom',
  read: 'no-writes',
  reconcile: 'allow-oom',
  revive: 'allow-oom',
  scan: 'no-writes',
  snapshot: 'allow-oom',
  sweep: 'allow-oom',
  trim: 'allow-oom',
} as const

/** A script's name. */
export type ScriptName = keyof typeof FLAGS

/** All of them. */
export const SCRIPTS = Object.keys(FLAGS) as ScriptName[]

/** How a script may be run: 'applyDeletes' is apply for batches of deletes only. */
export type Run = ScriptName | 'applyDeletes'

/** A script as it is given to Redis, under a name of its own for its very text. */
export interface Script {
  command: string
  lua: string
}

/**
 * Puts a script together: a line `--- @include name` stands for lua/lib/name.lua, each once. What it does not use of them
 * is left out: the server makes each function anew at each call.
 * @returns the whole text, without the `#!lua` line
 */
export function assembleScript(name: string): string {
  const included = new Set<string>()
  return withoutUnused(expand(`${name}.lua`, included))
}

/** Leaves out functions at the left margin that nothing names, until there is none. */
function withoutUnused(text: string): string {
  const isUsed = (name: string): boolean => (text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0) > 1
  const less = text.replaceAll(/^local function (\w+)\(.*?^end\n/gms, (whole, name: string) =>
    isUsed(name) ? whole : '',
  )
  return less === text ? text : withoutUnused(less)
}

function expand(file: string, included: Set<string>): string {
  const text = readFileSync(new URL(`../../lua/${file}`, import.meta.url), 'utf8')
  return text.replaceAll(/^--- @include (\S+)\n/gm, (_, name: string) => {
    if (included.has(name)) return ''
    included.add(name)
    return expand(`lib/${name}.lua`, included)
  })
}

/**
 * All scripts for a server. Redis 7 and later judges a script with a `#!lua` line before its first line runs: full or
 * read-only, it refuses whole. Reads run all the same, and what opens a store, deletes, sweeps or compacts may exceed the
 * memory: that is how a full server gets free again. Older servers take the line for an error. Read once a process.
 */
export function loadScripts(majorVersion: number): Record<Run, Script> {
  const known = loaded.get(majorVersion)
  if (known !== undefined) return known
  const scripts = SCRIPTS.map((name) => [name, makeScript(name, FLAGS[name], majorVersion)] as const)
  const applyDeletes = makeScript('apply', 'allow-oom', majorVersion)
  const all = { ...(Object.fromEntries(scripts) as Record<ScriptName, Script>), applyDeletes }
  loaded.set(majorVersion, all)
  return all
}

const loaded = new Map<number, Record<Run, Script>>()

function makeScript(name: ScriptName, flags: string | null, majorVersion: number): Script {
  const shebang = majorVersion >= 7 ? `#!lua${flags === null ? '' : ` flags=${flags}`}\n` : ''
  const lua = shebang + assembleScript(name)
  return { command: `jobledger:${name}:${createHash('sha1').update(lua).digest('hex')}`, lua }
}
