import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { temporarySpoolFolder } from 'aspara/spool-places.ts'

/** What a tracker runs with. Everything comes from the command line or the environment, is checked once, here, and typed. */
export interface TrackerSettings {
  host: string
  /** 0: a free one. */
  port: number
  dataDir: string
  logLevel: LogLevel
  readOnly: boolean
  /** The group of the user may read what is kept. */
  groupReadable: boolean
  /** undefined: everyone who reaches the address may do everything. */
  token: string | undefined
}

export const logLevels = ['error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

export const defaultPort = 3142
const defaultHost = '127.0.0.1'

/** A setting that can't be used: the sentence names it. */
export class SettingError extends Error {
  override name = 'SettingError'
}

export type Environment = Record<string, string | undefined>

/** The flags of `aspara tracker`, as typed. */
export interface TrackerFlags {
  host?: string
  port?: string
  'data-dir'?: string
  'log-level'?: string
  token?: string
  'no-auth'?: boolean
  'read-only'?: boolean
  'group-readable'?: boolean
}

/** Whoever tries a thousand tokens a second needs longer than anybody lives. */
const tokenCharsMin = 16

/** @throws SettingError */
export function trackerSettings(flags: TrackerFlags, environment: Environment = process.env): TrackerSettings {
  const pick = (flag: 'host' | 'port' | 'log-level', variable: string) =>
    given(flag, flags[flag], variable, environment)
  const host = pick('host', 'ASPARA_HOST')?.value ?? defaultHost
  const port = pick('port', 'ASPARA_PORT')
  const logLevel = pick('log-level', 'ASPARA_LOG_LEVEL')
  const token = givenToken(flags, environment)
  const noAuth = flags['no-auth'] ?? false
  if (!noAuth && token !== undefined && token.length < tokenCharsMin) {
    const suggestion = randomBytes(18).toString('base64url')
    throw new SettingError(
      `The token has ${token.length} characters, and can be guessed: take at least ${tokenCharsMin}, such as ${suggestion}`,
    )
  }
  if (noAuth && flags.token !== undefined) throw new SettingError('--no-auth and --token exclude each other')
  if (!isLoopback(host) && token === undefined && !noAuth) {
    throw new SettingError(
      `On ${host} others can reach the tracker: give it a token (--token TOKEN or ASPARA_TOKEN), or say --no-auth to let everyone in`,
    )
  }
  return {
    host,
    port: port ? parsePort(port) : defaultPort,
    dataDir: dataDir(flags['data-dir'], environment),
    logLevel: logLevel ? parseLogLevel(logLevel) : 'info',
    readOnly: flags['read-only'] ?? false,
    groupReadable: flags['group-readable'] ?? false,
    token: noAuth ? undefined : token,
  }
}

/** Where the commands that ask a tracker find it. */
export interface ClientSettings {
  /** Without a path. */
  trackerUri: string
  token: string | undefined
}

/** @throws SettingError */
export function clientSettings(
  flags: { 'tracker-uri'?: string; token?: string },
  environment: Environment = process.env,
): ClientSettings {
  const uri = given('tracker-uri', flags['tracker-uri'], 'ASPARA_TRACKER_URI', environment)
  return {
    trackerUri: uri ? parseTrackerUri(uri) : `http://${defaultHost}:${defaultPort}`,
    token: givenToken(flags, environment),
  }
}

/** Where this machine's runs spool when they are not told where: that of the default data folder. */
export function spoolFolder(environment: Environment = process.env): string {
  try {
    return join(dataDir(undefined, environment), 'spool')
  } catch {
    // A user without a home.
    return temporarySpoolFolder()
  }
}

/** All places where this machine's runs may have spooled: the temporary folder is used where the other can't be written. */
export const spoolFolders = (environment: Environment = process.env): string[] => [
  ...new Set([spoolFolder(environment), temporarySpoolFolder()]),
]

/** Only this machine can reach it. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)

/** A setting as it was given, and under which name. */
interface Given {
  name: string
  value: string
}

function given(flag: string, typed: string | undefined, variable: string, environment: Environment): Given | undefined {
  if (typed !== undefined) return checked(`--${flag}`, typed)
  const set = environment[variable]
  return set === undefined || set === '' ? undefined : checked(variable, set)
}

function checked(name: string, value: string): Given {
  if (value === '') throw new SettingError(`${name} is empty`)
  return { name, value }
}

function givenToken(flags: { token?: string }, environment: Environment): string | undefined {
  const token = given('token', flags.token, 'ASPARA_TOKEN', environment)
  // It travels in a header, which carries nothing else whole. What it is stays out of the sentence.
  if (token && !/^[!-~]+$/.test(token.value)) {
    throw new SettingError(`${token.name}: a token is made of ASCII letters, digits and signs, without spaces`)
  }
  return token?.value
}

/** Without a path of the tracker's own, which the commands add. */
function parseTrackerUri({ name, value }: Given): string {
  const { protocol, username } = URL.parse(value) ?? {}
  if ((protocol !== 'http:' && protocol !== 'https:') || username !== '') {
    throw new SettingError(`${name}=${value}: expected the address of a tracker, such as http://127.0.0.1:3142`)
  }
  return value.replace(/\/+$/, '').replace(/\/tracker$/, '')
}

function parsePort({ name, value }: Given): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN
  if (!(port <= 65_535))
    throw new SettingError(`${name}=${value}: expected a port from 1 to 65535, or 0 for a free one`)
  return port
}

function parseLogLevel({ name, value }: Given): LogLevel {
  const level = logLevels.find((known) => known === value)
  if (!level) throw new SettingError(`${name}=${value}: expected one of ${logLevels.join(', ')}`)
  return level
}

function dataDir(flag: string | undefined, environment: Environment): string {
  if (flag !== undefined) return resolve(checked('--data-dir', flag).value)
  if (environment.ASPARA_DATA_DIR) return resolve(environment.ASPARA_DATA_DIR)
  // The XDG specification: a relative path in the variable is to be ignored.
  const xdg = environment.XDG_DATA_HOME
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.local', 'share'), 'aspara')
}
