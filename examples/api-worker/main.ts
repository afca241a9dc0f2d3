/** Two APIs and two workers on one redis-server, and a client that loses its API: `npm run example`. */
import { once } from 'node:events'

import { startRedis } from '../../test/support/redis-server.ts'
import { Client, type ReceivedEvent } from './client.ts'
import { start, stop } from './processes.ts'

const VIDEOS = ['/holiday.mp4', '/wedding.mp4', '/cat.mp4']

await using redis = await startRedis({ appendOnly: 'always', args: ['--maxmemory', '200mb'] })
const env = { REDIS_URL: redis.url, PREFIX: 'example' }
await using first = await start('api', 'api-1', env)
await using second = await start('api', 'api-2', env)
await using third = await start('worker', 'worker-1', env)
await using fourth = await start('worker', 'worker-2', env)
console.log(`api-1 at ${first.url}, api-2 at ${second.url}; ${third.name} and ${fourth.name} wait for jobs.\n`)

const client = new Client([first.url, second.url], 'token-of-ann')
const received: ReceivedEvent[] = []
const done = new AbortController()
const finished = once(done.signal, 'abort')
const source = await client.follow((event) => {
  received.push(event)
  console.log(lineOf(event))
  if (received.filter(({ data }) => data.status === 'completed').length === VIDEOS.length) done.abort()
})
const paths: string[] = []
for (const [at, video] of VIDEOS.entries()) paths.push(await client.create(video, `request-${at + 1}`))

await stop(first.child, 'SIGKILL')
console.log('             api-1 is killed; the client goes on at api-2, after the last event that it has seen')
await finished
source.close()
for (const path of paths) {
  const seen = received.filter(({ jobId }) => path.endsWith(jobId)).map(({ version }) => version)
  const logged = await client.versionsOf(path)
  if (seen.join() !== logged.join())
    throw new Error(`${path}: the log has versions ${logged.join()}, seen were ${seen.join()}`)
}
console.log(`\nAll ${VIDEOS.length} videos are done, and all that the log has of them was seen, once.`)

function lineOf({ at, jobId, version, type, data, meta }: ReceivedEvent): string {
  const video = received.find((event) => event.jobId === jobId)?.data.videoUrl
  const what = data.status ?? `${data.progress?.percent} %`
  return `${at.slice(11, 23)} ${video} v${version} ${type}: ${what} (${meta?.actor}, ${meta?.correlationId})`
}
