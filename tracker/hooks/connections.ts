import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { limits } from '@aspara/protocol/limits.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isLoopback } from '../config.ts'

export interface ConnectionLimits {
  /** All together. */
  connectionsMax: number
  /** From one address, of those that have not shown yet that they belong here. */
  strangersOfAddressMax: number
}

/**
 * Connections that have shown that they belong here keep their places: on a tracker with a token those that have presented it,
 * on an open one those that have sent a whole request. All others are strangers: where there is no place left, the oldest of
 * them goes, so that a new one always gets in.
 */
export function boundConnections(app: FastifyInstance, bounds: ConnectionLimits = limits): Connections {
  const connections = new Connections(bounds)
  connections.watch(app.server)
  letRefusedGo(app)
  return connections
}

export class Connections {
  #bounds: ConnectionLimits
  #count = 0
  /** In the order in which they came. */
  #strangers = new Set<Socket>()
  #strangersOf = new Map<string, Set<Socket>>()

  constructor(bounds: ConnectionLimits) {
    this.#bounds = bounds
  }

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.#count++
      const address = socket.remoteAddress ?? ''
      const neighbours = this.#strangersOf.get(address) ?? new Set()
      this.#strangersOf.set(address, neighbours.add(socket))
      this.#strangers.add(socket)
      socket.once('close', () => {
        this.#count--
        this.#forget(socket, address)
      })
      // On this machine everybody has the same address.
      if (!isLoopback(address) && neighbours.size > this.#bounds.strangersOfAddressMax) first(neighbours)?.destroy()
      else if (this.#count > this.#bounds.connectionsMax) first(this.#strangers)?.destroy()
    })
  }

  /** A request on this connection has shown that it belongs here. */
  trust({ raw: { socket } }: FastifyRequest): void {
    if (this.#strangers.has(socket)) this.#forget(socket, socket.remoteAddress ?? '')
  }

  #forget(socket: Socket, address: string): void {
    this.#strangers.delete(socket)
    const neighbours = this.#strangersOf.get(address)
    neighbours?.delete(socket)
    if (neighbours?.size === 0) this.#strangersOf.delete(address)
  }
}

const first = (sockets: Set<Socket>): Socket | undefined => sockets.values().next().value

/** Of a body that was refused the rest is thrown away for so long: closing at once could lose the answer on its way. */
const refusedMs = 2_000

/** A body that was answered before it had arrived is not waited for; one that is almost here is, and the connection stays. */
function letRefusedGo(app: FastifyInstance): void {
  app.addHook('onResponse', ({ raw }, _reply, done) => {
    if (!raw.complete && !raw.destroyed) {
      const { socket } = raw
      const timer = setTimeout(() => socket.destroy(), refusedMs)
      raw.once('end', () => clearTimeout(timer))
      socket.once('close', () => clearTimeout(timer))
      raw.resume()
    }
    done()
  })
}
