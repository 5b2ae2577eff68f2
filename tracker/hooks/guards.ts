import { createHash, timingSafeEqual } from 'node:crypto'
import { problem } from '@aspara/protocol/errors.ts'
import { isArtifactName, isProjectName, isRunName, isViewName } from '@aspara/protocol/names.ts'
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify'
import { isLoopback, type TrackerSettings } from '../config.ts'
import type { Connections } from './connections.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Served without a token: it tells nothing of what is kept. */
    open?: boolean
  }
}

/** Decides, before a body is read, who may ask what. */
export function addGuards(app: FastifyInstance, settings: TrackerSettings, connections: Connections): void {
  app.addHook('onRequest', requireHost)
  if (isLoopback(settings.host)) app.addHook('onRequest', refuseForeignHost)
  app.addHook('onRequest', refuseCrossSite)
  if (settings.token !== undefined) app.addHook('onRequest', requireToken(settings.token, connections))
  else {
    app.addHook('preHandler', (request, _reply, done) => {
      connections.trust(request)
      done()
    })
  }
  if (settings.readOnly) app.addHook('onRequest', refuseWrite)
  app.addHook('onRequest', checkNames)
}

const isWrite = (request: FastifyRequest) => request.method !== 'GET' && request.method !== 'HEAD'

/** RFC 9112, 3.2: only HTTP/1.0 may do without, and with two a proxy may go by the other one. */
const requireHost: onRequestHookHandler = ({ raw }, _reply, done) => {
  const { rawHeaders, httpVersion } = raw
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  if (hosts > 1) return done(problem('malformedRequest', 'it has several Host headers'))
  done(hosts === 0 && httpVersion !== '1.0' ? problem('malformedRequest', 'it has no Host header') : undefined)
}

/**
 * A name that an attacker points at 127.0.0.1 lets his page talk to the tracker as its own site (DNS rebinding); the Host
 * header gives it away. Tools that send none pass.
 */
const refuseForeignHost: onRequestHookHandler = (request, _reply, done) => {
  const host = request.headers.host
  // A training loop sends the same one a million times.
  if (host === undefined || host === lastLocalHost) return done()
  if (!isThisMachine(host)) return done(problem('hostNotAllowed'))
  lastLocalHost = host
  done()
}

let lastLocalHost: string | undefined

/** Whether a host, with or without a port, is a name that no name server is asked for. */
function isThisMachine(host: string): boolean {
  const name = host.replace(/:\d*$/, '').toLowerCase()
  return name === '[::1]' || name.endsWith('.localhost') || isLoopback(name)
}

/**
 * A page elsewhere may send forms and simple requests here, put answers into its frames, and hold streams open until the
 * browser has no connection left; its browser says so in headers that it can't change. Whatever it asks is refused alike,
 * so that it learns nothing; only a person may come from there, by a link.
 */
const refuseCrossSite: onRequestHookHandler = (request, reply, done) => {
  const { origin, host, 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = request.headers
  const isElsewhere = site !== undefined && site !== 'same-origin' && site !== 'none'
  if (isWrite(request)) {
    if (isElsewhere) return done(problem('crossSite'))
    if (origin === undefined || isOwn(origin, host) || isProxiedHere(origin, host, site)) return done()
    return done(problem('crossSite'))
  }
  if (!isElsewhere || (mode === 'navigate' && dest === 'document')) return done()
  // Whether there is a tracker at all, the client for browsers may ask from everywhere.
  if (request.routeOptions.url?.endsWith('/health')) {
    reply.header('cross-origin-resource-policy', 'cross-origin')
    return done()
  }
  done(problem('crossSite'))
}

/** Whether a page came from here. A hidden origin (`null`) is nobody's. */
const isOwn = (origin: string, host: string | undefined): boolean =>
  host !== undefined && URL.parse(origin)?.host === host.toLowerCase()

/**
 * Development servers (Vite, Next.js) forward a page's requests with the tracker's Host and the page's Origin. The browser
 * asked the page's own server, which only it can say (`same-origin`); and that this server is on this machine under a name
 * of it keeps out a page that has had its name pointed here.
 */
const isProxiedHere = (origin: string, host: string | undefined, site: string | undefined): boolean =>
  site === 'same-origin' && host !== undefined && isThisMachine(host) && isThisMachine(URL.parse(origin)?.host ?? '')

function requireToken(token: string, connections: Connections): onRequestHookHandler {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const expected = digest(token)
  return (request, _reply, done) => {
    if (request.routeOptions.config.open) return done()
    const sent = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    // Digests have one length, so that the time it takes tells neither the token's length nor its beginning.
    if (sent === undefined || !timingSafeEqual(digest(sent), expected)) return done(problem('tokenRequired'))
    connections.trust(request)
    done()
  }
}

const refuseWrite: onRequestHookHandler = (request, _reply, done) => {
  done(isWrite(request) && !request.is404 ? problem('readOnly') : undefined)
}

const checkNames: onRequestHookHandler = (request, _reply, done) => {
  const { project, run, artifact, view } = request.params as Partial<
    Record<'project' | 'run' | 'artifact' | 'view', string>
  >
  if (project !== undefined && !isProjectName(project)) return done(problem('invalidName', 'project'))
  if (run !== undefined && !isRunName(run)) return done(problem('invalidName', 'run'))
  if (view !== undefined && !isViewName(view)) return done(problem('invalidViewName'))
  if (artifact !== undefined && !isArtifactName(artifact)) return done(problem('invalidArtifactName'))
  done()
}
