import { once } from 'node:events'
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Stands between a client and a server, and writes down what the client sends while it is told to. */
export class RecordingProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #recorded: Buffer[] | null = null

  private constructor(targetPort: number) {
    this.#server = createServer((client) => {
      const server = createConnection({ host: '127.0.0.1', port: targetPort })
      for (const socket of [client, server]) this.#sockets.add(socket.setNoDelay(true))
      client.on('data', (bytes) => this.#recorded?.push(bytes))
      client.pipe(server).pipe(client)
      for (const socket of [client, server]) socket.on('error', () => this.#cut())
    })
  }

  static async to(targetPort: number): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(targetPort)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** @returns what was sent while the work went on; nothing may be under way before it */
  async record(work: () => Promise<void>): Promise<Buffer> {
    this.#recorded = []
    await work()
    const recorded = Buffer.concat(this.#recorded)
    this.#recorded = null
    return recorded
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
