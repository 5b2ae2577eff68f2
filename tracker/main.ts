import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { limits } from '@aspara/protocol/limits.ts'
import { embedded, openStore } from '@aspara/store/store.ts'
import { settleHeap } from '@aspara/store/threads/settle-heap.ts'
import { temporarySpoolFolder } from 'aspara/spool-places.ts'
import closeWithGrace from 'close-with-grace'
import { type Logger, pino } from 'pino'
import { buildApp } from './app.ts'
import { SettingError, spoolFolder, type TrackerSettings } from './config.ts'
import { Intake } from './intake/intake.ts'
import { tighten, writePrivately } from './private-folder.ts'
import { Telemetry } from './routes/prometheus.ts'
import { version } from './version.ts'

/** Serves until it is told to stop. @throws SettingError, StoreUnavailable when it can't begin */
export async function runTracker(settings: TrackerSettings): Promise<void> {
  const logger = await openLog(settings)
  writePrivately(settings.groupReadable)
  const telemetry = new Telemetry()
  const store = await openStore({
    ...embedded(settings.dataDir),
    observer: telemetry,
    onDeath(error) {
      logger.fatal({ err: error }, 'BUG: a thread of the store has died')
      process.exit(1)
    },
  })
  if (tighten(settings.dataDir, settings.groupReadable)) {
    const whose = settings.groupReadable
      ? 'this user and its group'
      : 'this user alone (--group-readable: also its group)'
    logger.info({ dataDir: settings.dataDir }, `${settings.dataDir} can now be read by ${whose}`)
  }
  telemetry.watchQueue(() => store.journal.queuedBytes)
  const app = await buildApp({ settings, store, telemetry, logger })

  let intake: Intake | undefined
  closeWithGrace({ delay: limits.closeMs, logger: false }, async ({ err, signal }) => {
    if (err) logger.fatal({ err }, 'BUG: unhandled error')
    else logger.info(`${signal ?? 'Told to stop'}: answering what is in flight`)
    intake?.stop()
    // What does not end by itself must leave time to close the store.
    const force = setTimeout(() => app.server.closeAllConnections(), limits.closeMs * 0.7)
    await app.close()
    clearTimeout(force)
    await store.close()
    logger.info('Closed')
  })

  try {
    await app.listen({ host: settings.host, port: settings.port })
  } catch (error) {
    await store.close()
    throw listenError(error as NodeJS.ErrnoException, settings)
  }
  const { port } = app.server.address() as AddressInfo
  const url = `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`
  const access = settings.token === undefined ? 'open' : 'token'
  logger.info(
    { url, version, dataDir: settings.dataDir, access, readOnly: settings.readOnly },
    `Aspara is listening on ${url}, data in ${settings.dataDir}${settings.readOnly ? ', read-only' : ''}`,
  )
  if (!settings.readOnly) {
    const folder = join(settings.dataDir, 'spool')
    const others = [...new Set([spoolFolder(), temporarySpoolFolder()])].filter((other) => other !== folder)
    logger.info(
      { spools: [folder, ...others] },
      `Taking in what clients have spooled in ${[folder, ...others].join(', ')}`,
    )
    intake = new Intake({
      folder,
      others,
      // It may listen on all addresses; this process reaches it by one.
      url: `http://${settings.host === '::' || settings.host === '::1' ? '[::1]' : loopbackOf(settings.host)}:${port}`,
      token: settings.token,
      onTaken: ({ run, rows }) => logger.info({ run, rows }, `Took in ${rows} spooled rows of ${run}`),
      onWarning: ({ run, sentence }) => logger.warn({ run }, `While taking in ${run}: ${sentence}`),
      onFault: ({ spool, reason }) => logger.warn({ spool, reason }, `A spool could not be taken in: ${reason}`),
    })
    intake.start()
  }
  // After whoever waited for the start has been served.
  setTimeout(settleHeap, settleAfterMs).unref()
}

/** Where this process finds what listens on a host. */
const loopbackOf = (host: string): string => (host === '0.0.0.0' ? '127.0.0.1' : host)

const settleAfterMs = 1_000

/** Lines of JSON, or on a terminal lines for people. */
async function openLog(settings: TrackerSettings): Promise<Logger> {
  const options = { level: settings.logLevel, base: null }
  if (!process.stdout.isTTY) return pino(options)
  const { default: pretty } = await import('pino-pretty')
  const ignore = 'pid,hostname,reqId,url,version,dataDir,access,readOnly'
  return pino(options, pretty({ translateTime: 'SYS:HH:MM:ss', ignore, sync: true }))
}

function listenError(error: NodeJS.ErrnoException, { host, port }: TrackerSettings): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new SettingError(
        `Port ${port} on ${host} is taken: another tracker may be running, or choose another --port`,
      )
    case 'EACCES':
      return new SettingError(`Port ${port} may not be used by this user: choose one above 1023 with --port`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAFNOSUPPORT':
      return new SettingError(`${host} is not an address of this machine: check --host`)
    default:
      return error
  }
}
