import { Agent, type ClientRequest, request as httpRequest, type RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import { proxyFor, proxyHeaders } from './proxy.ts'

export interface OriginOptions {
  /** Connections at once. */
  maxSockets?: number
}

/**
 * A tracker as node:http reaches it, which Node, Deno and Bun have: over kept-alive connections, and by the proxy that the
 * environment names.
 */
export class HttpOrigin {
  #base: string
  #isSecure: boolean
  #proxy: URL | undefined
  #maxSockets: number | undefined
  /** Loading node:https is a fifth of the start of a program that needs it not. */
  #secure: Promise<typeof import('node:https')> | undefined
  #agent: Agent | undefined

  /** `base`: an address without a path of the tracker's own. */
  constructor(base: string, { maxSockets }: OriginOptions = {}) {
    const target = new URL(base)
    this.#base = base
    this.#isSecure = target.protocol === 'https:'
    this.#proxy = proxyFor(target)
    this.#maxSockets = maxSockets
    this.#secure = this.#isSecure || this.#proxy?.protocol === 'https:' ? import('node:https') : undefined
  }

  /** Begins a request; the caller ends it. */
  async request(path: string, options: RequestOptions): Promise<ClientRequest> {
    const secure = await this.#secure
    const address = `${this.#base}${path}`
    const proxy = this.#proxy
    this.#agent ??= this.#makeAgent(secure)
    const given = { ...options, agent: this.#agent }
    if (this.#isSecure) return (secure as typeof import('node:https')).request(address, given)
    if (!proxy) return httpRequest(address, given)
    // A proxy is asked for the whole address.
    const headers = { ...options.headers, ...proxyHeaders(proxy), host: new URL(address).host }
    const send = proxy.protocol === 'https:' ? (secure as typeof import('node:https')).request : httpRequest
    return send({ ...given, ...hostOf(proxy), path: address, headers })
  }

  /** Closes the connections that are kept. */
  close(): void {
    this.#agent?.destroy()
    this.#agent = undefined
  }

  #makeAgent(secure: typeof import('node:https') | undefined): Agent {
    const options = { keepAlive: true, maxSockets: this.#maxSockets ?? Number.POSITIVE_INFINITY }
    const proxy = this.#proxy
    if (!this.#isSecure) return proxy?.protocol === 'https:' && secure ? new secure.Agent(options) : new Agent(options)
    const agent = new (secure as typeof import('node:https')).Agent(options)
    if (proxy) Object.assign(agent, { createConnection: tunnelTo(proxy, secure as typeof import('node:https')) })
    return agent
  }
}

const hostOf = ({ hostname, port, protocol }: URL) => ({
  host: hostname.replace(/^\[|\]$/g, ''),
  port: Number(port) || (protocol === 'https:' ? 443 : 80),
})

type Created = (error: Error | null, socket?: Socket) => void
type Target = { host?: string; port?: number | string; servername?: string }

/** Makes connections to a TLS server through an HTTP proxy: it passes on what it can't read. */
function tunnelTo(proxy: URL, secure: typeof import('node:https')) {
  return (target: Target, created: Created): void => {
    const place = `${target.host?.includes(':') ? `[${target.host}]` : target.host}:${target.port}`
    const send = proxy.protocol === 'https:' ? secure.request : httpRequest
    const headers = { ...proxyHeaders(proxy), host: place }
    const asked = send({ ...hostOf(proxy), method: 'CONNECT', path: place, headers, agent: false })
    asked.once('error', created)
    asked.once('connect', async (answer, socket: Socket) => {
      if (answer.statusCode !== 200) {
        socket.destroy()
        return created(new Error(`the proxy ${proxy.host} answers ${answer.statusCode}`))
      }
      const { connect } = await import('node:tls')
      created(null, connect({ ...target, socket, servername: target.servername ?? target.host } as object))
    })
    asked.end()
  }
}
