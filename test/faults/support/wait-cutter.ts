import { once } from 'node:events'
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** How ioredis sends a WAIT with two arguments. */
const WAIT = '*3\r\n$4\r\nwait\r\n'

/** Stands between a client and a server, and ends the connection where a script has been answered and its WAIT comes. */
export class WaitCutter implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isArmed = false
  /** Connections that were cut at that point. */
  cuts = 0

  private constructor(targetPort: number) {
    this.#server = createServer((client) => this.#connect(client, targetPort))
  }

  static async to(targetPort: number): Promise<WaitCutter> {
    const cutter = new WaitCutter(targetPort)
    cutter.#server.listen(0, '127.0.0.1')
    await once(cutter.#server, 'listening')
    return cutter
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Once. */
  cutNext(): void {
    this.#isArmed = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #connect(client: Socket, port: number): void {
    const server = createConnection({ host: '127.0.0.1', port })
    this.#passErrors(client, server)
    this.#passErrors(server, client)
    client.on('data', (bytes) => {
      if (!this.#isArmed || !bytes.includes(WAIT)) return void server.write(bytes)
      this.#isArmed = false
      this.cuts++
      client.destroy()
      server.destroy()
    })
    server.on('data', (bytes) => client.write(bytes))
  }

  #passErrors(socket: Socket, other: Socket): void {
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => other.destroy())
    socket.on('close', () => {
      this.#sockets.delete(socket)
      other.destroySoon()
    })
  }
}
