import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Kills a process that writes a line at each step, and 'done' at its end, at one of its steps or just after it.
 * @returns whether it was cut off before its end
 */
export async function killAtStep(child: ChildProcess, step: number, random: () => number): Promise<boolean> {
  const afterMs = random() < 0.5 ? 0 : random() * 3
  let steps = 0
  let isDone = false
  const lines = createInterface({ input: child.stdout ?? assert.fail('no stdout') })
  lines.on('line', (line) => {
    isDone ||= line === 'done'
    if (++steps !== step) return
    if (afterMs === 0) child.kill('SIGKILL')
    else void delay(afterMs).then(() => child.kill('SIGKILL'))
  })
  const read = once(lines, 'close')
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  assert.ok(signal === 'SIGKILL' || code === 0, `it ended with ${String(code ?? signal)}`)
  await read
  return !isDone
}
