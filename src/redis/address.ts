import { InvalidConfigError } from '../core/errors.ts'

/** A server that may be asked where the others are. */
export interface Host {
  host: string
  port: number
}

/** What a URL says of Sentinels or a Cluster. */
export interface SeveralHosts {
  kind: 'sentinel' | 'cluster'
  hosts: Host[]
  /** What the Sentinels call the primary; '' for a Cluster. */
  name: string
  db: number
  username: string | undefined
  password: string | undefined
  sentinelUsername: string | undefined
  sentinelPassword: string | undefined
  hasTls: boolean
}

/** Where Redis is. One server's URL is ioredis's to read, with all that may stand in it. */
export type RedisAddress = { kind: 'server'; url: string } | SeveralHosts

/** For messages that say what was expected. */
export const URL_FORMS =
  'redis://host:port, redis+sentinel://host:port,host:port/name or redis+cluster://host:port,host:port (rediss for TLS)'

const SHAPE =
  /^redis(?<tls>s?)\+(?<kind>sentinel|cluster):\/\/(?:(?<login>[^@/?#]*)@)?(?<hosts>[^@/?#]+)(?<path>\/[^?#]*)?(?:\?(?<query>[^#]*))?$/
const HOST = /^(?:\[(?<six>[\da-f:.]+)\]|(?<name>[^:[\]\s]+))(?::(?<port>\d{1,5}))?$/i

/**
 * Reads a URL: redis:// or rediss:// of one server, redis+sentinel:// with the Sentinels and the name of the primary, and
 * redis+cluster:// with some nodes of a Cluster.
 * @param setting what to call it in an error
 * @throws InvalidConfigError without the text, which may hold a password
 */
export function readAddress(setting: string, url: string): RedisAddress {
  if (/^rediss?:\/\/./.test(url)) {
    if (!URL.canParse(url)) throw InvalidConfigError.of(setting, 'a URL like redis://localhost:6379', 'another text')
    return { kind: 'server', url }
  }
  const parts = SHAPE.exec(url)?.groups
  if (parts === undefined) throw InvalidConfigError.of(setting, URL_FORMS, 'another text')
  const kind = parts['kind'] as SeveralHosts['kind']
  const [username, password] = readLogin(parts['login'])
  const own = {
    kind,
    hosts: readHosts(setting, parts['hosts'] ?? '', kind),
    username,
    password,
    hasTls: parts['tls'] === 's',
  }
  return kind === 'cluster'
    ? { ...own, ...readClusterRest(setting, parts['path'], parts['query']) }
    : { ...own, ...readSentinelRest(setting, parts['path'], parts['query']) }
}

/** The place for people: without user and password. */
export function describeAddress(address: RedisAddress): string {
  if (address.kind === 'server') {
    const { protocol, hostname, port, pathname } = new URL(address.url)
    return `${protocol}//${hostname || 'localhost'}:${port || 6379}${pathname === '/' ? '' : pathname}`
  }
  const { kind, hosts, name, db, hasTls } = address
  const list = hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',')
  const path = kind === 'cluster' ? '' : `/${encodeURIComponent(name)}${db === 0 ? '' : `/${db}`}`
  return `redis${hasTls ? 's' : ''}+${kind}://${list}${path}`
}

function readLogin(login = ''): [username: string | undefined, password: string | undefined] {
  const colon = login.indexOf(':')
  const texts = colon < 0 ? [login, ''] : [login.slice(0, colon), login.slice(colon + 1)]
  const [username, password] = texts.map((text) => (text === '' ? undefined : decode(text)))
  return [username, password]
}

function readHosts(setting: string, text: string, kind: SeveralHosts['kind']): Host[] {
  return text.split(',').map((one) => {
    const parts = HOST.exec(one)?.groups
    const port = Number(parts?.['port'] ?? (kind === 'sentinel' ? 26_379 : 6379))
    if (parts === undefined || port < 1 || port > 65_535)
      throw InvalidConfigError.of(setting, 'hosts like a:6379,b:6379, or [::1]:6379', one)
    return { host: parts['six'] ?? parts['name'] ?? '', port }
  })
}

type Rest = Pick<SeveralHosts, 'name' | 'db' | 'sentinelUsername' | 'sentinelPassword'>

function readClusterRest(setting: string, path = '', query = ''): Rest {
  if (path.length > 1 || query !== '')
    throw InvalidConfigError.of(setting, 'redis+cluster:// with hosts alone: a Cluster has one database', path + query)
  return { name: '', db: 0, sentinelUsername: undefined, sentinelPassword: undefined }
}

function readSentinelRest(setting: string, path = '', query = ''): Rest {
  const [, name = '', db = '0', ...more] = path.split('/')
  if (name === '' || !/^\d{1,5}$/.test(db || '0') || more.length > 0)
    throw InvalidConfigError.of(setting, "redis+sentinel://hosts/name with the Sentinels' name of the primary", path)
  const parameters = new URLSearchParams(query)
  for (const key of parameters.keys())
    if (key !== 'sentinelUsername' && key !== 'sentinelPassword')
      throw InvalidConfigError.of(setting, '?sentinelUsername= and &sentinelPassword= alone', key)
  return {
    name: decode(name),
    db: Number(db),
    sentinelUsername: parameters.get('sentinelUsername') ?? undefined,
    sentinelPassword: parameters.get('sentinelPassword') ?? undefined,
  }
}

/** Percent signs that encode nothing stand for themselves. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
