import { once } from 'node:events'
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Stands between a client and a server, and loses what it is told to lose. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #repliesToDrop = 0
  /** Replies that were dropped after the server had sent them: the faults that hit something. */
  dropped = 0

  private constructor(targetPort: number) {
    this.#server = createServer((client) => this.#connect(client, targetPort))
  }

  static async to(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The next replies are waited for and thrown away, and the connection is closed with each. */
  dropReplies(count: number): void {
    this.#repliesToDrop = count
  }

  /** Closes all connections at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #connect(client: Socket, targetPort: number): void {
    const server = createConnection({ host: '127.0.0.1', port: targetPort })
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    client.on('data', (bytes) => server.write(bytes))
    server.on('data', (bytes) => {
      if (this.#repliesToDrop === 0) return void client.write(bytes)
      this.#repliesToDrop--
      this.dropped++
      client.destroy()
    })
  }
}
