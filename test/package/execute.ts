import { spawnSync } from 'node:child_process'

const TIMEOUT_MS = 120_000

/**
 * Runs a command to its end.
 * @returns what it printed
 * @throws Error with all that it said, if it fails or does not end
 */
export function execute(command: string, args: string[], cwd: string): string {
  const { error, status, signal, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  })
  if (error !== undefined) throw error
  if (status === 0) return stdout
  throw new Error(`${command} ${args.join(' ')} ended with ${signal ?? status}:\n${stdout}${stderr}`)
}
