/** One contender by itself: does what the benchmark tells it over IPC, and ends with it. Its argument is a ContenderSpec. */
import { measureRound, warmUp, type Pace } from '../measure.ts'
import { ServerClock } from '../server-clock.ts'
import type { Task, Verb } from './contender.ts'
import { makeContender, type ContenderSpec } from './make-contender.ts'
import type { Answer, Call } from './remote.ts'

const spec = JSON.parse(process.argv[2] ?? '') as ContenderSpec
const contender = await makeContender(spec)
const clock = contender.isOnServer ? new ServerClock(spec.place.url) : null

const calls = {
  fill: () => contender.fill(),
  warmUp: (verb: Verb, inFlight: number, pace: Pace) => warmUp(contender, verb, inFlight, pace),
  round: async (verb: Verb, inFlight: number, pace: Pace) => {
    const task = (await contender.begin(verb, inFlight)) as Task
    const round = await measureRound(task, inFlight, pace, clock)
    await task.end?.()
    return round
  },
  close: async () => {
    await contender.close()
    await clock?.close()
    process.disconnect()
  },
}

process.on('message', ({ name, args }: Call) => {
  const work = (calls[name] as (...args: unknown[]) => Promise<unknown>)(...args)
  work.then(
    (result) => tell({ result }),
    (error: unknown) => tell({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
})
process.on('disconnect', () => process.exit())
tell({ result: contender.name })

/** After close() nobody listens. */
function tell(answer: Answer): void {
  if (process.connected) process.send?.(answer)
}
