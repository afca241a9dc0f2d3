import type { Command } from 'commander'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { authorizeBearer, readToken, TOKEN_VARIABLE, type Token } from '../bearer.ts'
import type { AnyStore, Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { withStore } from '../open-store.ts'
import { wholeNumber, type Run } from '../runner.ts'
import { Output } from '../terminal/output.ts'

/** For responses that are under way when it is to end. */
const GRACE_MS = 1000

interface ServeOptions {
  port: number
  host: string
}

export function addServe(program: Command, run: Run): void {
  program
    .command('serve')
    .description('serve the jobs over HTTP, to be read only, until Ctrl-C')
    .option('--port <number>', '0: any that is free', wholeNumber(0, 65_535), 7080)
    .option(
      '--host <address>',
      `what to listen on; another than this machine's own needs ${TOKEN_VARIABLE}`,
      '127.0.0.1',
    )
    .action(run<[], ServeOptions>(serve))
}

function serve(context: Context, { port, host }: ServeOptions): Promise<ExitCode> {
  const { signal, env } = context.surroundings
  const token = readToken(env, host)
  return withStore(context.config(), async (store) => {
    await store.ready()
    const server = await serverOf(context, store, token)
    server.listen(port, host)
    await once(server, 'listening')
    announce(context, server.address() as AddressInfo, token)
    if (!signal.aborted) await once(signal, 'abort')
    await stop(server, store)
    return EXIT.fine
  })
}

/** Loads what serves HTTP only here: the other commands start the sooner. */
async function serverOf({ progress }: Context, store: AnyStore, { text }: Token): Promise<Server> {
  const [{ getRequestListener }, { createHandler }] = await Promise.all([
    import('@hono/node-server'),
    import('../../http/handler.ts'),
  ])
  const remarks = new Output(progress)
  const handler = createHandler(store, {
    authorize: authorizeBearer(text),
    onError: (error, { url }) => remarks.line(`${new URL(url).pathname}: ${String(error)}`),
  })
  const listen = getRequestListener(handler, { overrideGlobalObjects: false })
  return createServer((incoming, outgoing) => void listen(incoming, outgoing))
}

function announce({ output, isJson }: Context, { address, family, port }: AddressInfo, { text, isGiven }: Token): void {
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  if (isJson) output.jsonLine({ url, token: isGiven ? null : text })
  else {
    output.line(`Serving at ${url}, to be read only, until Ctrl-C.`, 'bold')
    output.line(isGiven ? `The token is that of ${TOKEN_VARIABLE}.` : `The token of this run: ${text}`)
    output.line(`  curl -H "Authorization: Bearer ${isGiven ? `$${TOKEN_VARIABLE}` : text}" ${url}/stats`, 'dim')
  }
}

/** Closing the store ends the streams of events, which would go on for ever. */
async function stop(server: Server, store: AnyStore): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await store.close()
  const lastResort = setTimeout(() => server.closeAllConnections(), GRACE_MS)
  await closed
  clearTimeout(lastResort)
}
