import { once } from 'node:events'
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Stands between a client and a server, and loses what it is told to lose. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #targetPort: number
  #isToDrop: (reply: Buffer) => boolean = () => false
  #bytesToPass: (request: Buffer) => number | null = () => null
  #isFrozen = false
  #isHolding = false
  /** What was held back, by the server's side of its connection, which outlives the client's. */
  readonly #held = new Map<Socket, Buffer[]>()
  /** Replies that were dropped after the server had sent them: the faults that hit something. */
  dropped = 0
  /** Requests of which only the beginning was passed on. */
  requestsCut = 0

  private constructor(targetPort: number) {
    this.#targetPort = targetPort
    this.#server = createServer((client) => this.#connect(client))
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
    let left = count
    this.dropRepliesIf(() => left-- > 0)
  }

  /** As dropReplies, for what the server sends at once when this says so. */
  dropRepliesIf(isToDrop: (reply: Buffer) => boolean): void {
    this.#isToDrop = isToDrop
  }

  /**
   * What a client sends at once is passed on up to so many bytes, and the connection is closed behind them; null passes
   * it on whole.
   */
  cutRequestsTo(bytesToPass: (request: Buffer) => number | null): void {
    this.#bytesToPass = bytesToPass
  }

  /** What clients send from now on is on its way for a long time: until deliverLate(). */
  holdRequests(): void {
    this.#isHolding = true
  }

  /** Loses the clients' side of all connections; they may connect anew, and what they sent is still on its way. */
  loseClients(): void {
    this.#isHolding = false
    for (const socket of this.#sockets) if (!this.#held.has(socket)) socket.destroy()
  }

  /** What was held back arrives. */
  deliverLate(): void {
    for (const [server, requests] of this.#held) server.write(Buffer.concat(requests))
  }

  /** Passes nothing on for now, as a path that is dead: connections stay open. */
  freeze(): void {
    this.#isFrozen = true
    for (const socket of this.#sockets) socket.pause()
  }

  thaw(): void {
    this.#isFrozen = false
    for (const socket of this.#sockets) socket.resume()
  }

  /** Leads to another server from now on, as an address does after a failover. */
  failOver(targetPort: number): void {
    this.leadTo(targetPort)
    this.cut()
  }

  /** Leads new connections to another server, as a name does that means another address; those that are there stay. */
  leadTo(targetPort: number): void {
    this.#targetPort = targetPort
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

  #connect(client: Socket): void {
    const server = createConnection({ host: '127.0.0.1', port: this.#targetPort })
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        if (!this.#held.has(other)) other.destroy()
      })
    }
    if (this.#isFrozen) for (const socket of [client, server]) socket.pause()
    client.on('data', (bytes) => {
      if (server.writableEnded) return
      if (this.#isHolding) return void this.#held.set(server, [...(this.#held.get(server) ?? []), bytes])
      const passed = this.#bytesToPass(bytes)
      if (passed === null) return void server.write(bytes)
      this.requestsCut++
      server.end(bytes.subarray(0, passed), () => client.destroy())
    })
    server.on('data', (bytes) => {
      if (client.destroyed) return
      if (!this.#isToDrop(bytes)) return void client.write(bytes)
      this.dropped++
      client.destroy()
    })
  }
}
