import { existsSync, readFileSync } from 'node:fs'

/** Whether a process runs. In a container whose first process reaps nobody, the dead keep their number, in state Z. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const stat = `/proc/${pid}/stat`
  return !existsSync(stat) || !readFileSync(stat, 'utf8').includes(') Z ')
}
