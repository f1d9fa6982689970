import { adminScope } from './certificate.ts'

/** What a device is let in as when it is paired. It keeps that for life. */
export type PairedLevel = 'view' | 'normal'

/** What a device may do now, each including those before it (FORMATS §3). */
export type DeviceLevel = PairedLevel | 'trusted' | 'admin'

/** How a device came onto the list by being paired, as its certificate says in its scopes. */
export interface Pairing {
  readonly level: PairedLevel
  /** ms since 1970 */
  readonly at: number
  /** Number of the device that let it in */
  readonly by: number
  /** ms since 1970; absent when the device never was on probation or was released from it */
  readonly probationUntil?: number
}

const levelPrefix = 'level.'
const probationPrefix = 'probation.'

export function pairingToScopes({ level, at, by, probationUntil }: Pairing): string[] {
  const probation = probationUntil === undefined ? [] : [`${probationPrefix}${probationUntil}`]
  return [`${levelPrefix}${level}`, `paired.${at}.${by}`, ...probation]
}

/** Of a device that was paired. */
export function scopesToPairing(scopes: readonly string[]): Pairing | undefined {
  for (const scope of scopes) {
    const match = /^paired\.(\d{1,15})\.(\d{1,5})$/.exec(scope)
    if (match === null) continue
    const until = probationEnd(scopes)
    const probation = until === undefined ? {} : { probationUntil: until }
    return { level: isViewOnly(scopes) ? 'view' : 'normal', at: Number(match[1]), by: Number(match[2]), ...probation }
  }
  return undefined
}

/** Whether nothing that the device writes counts. A level that this release does not know is no more than looking. */
export function isViewOnly(scopes: readonly string[]): boolean {
  return scopes.some(scope => scope.startsWith(levelPrefix) && scope !== `${levelPrefix}normal`)
}

export function levelAt(scopes: readonly string[], now: number): DeviceLevel {
  if (scopes.includes(adminScope)) return 'admin'
  if (isViewOnly(scopes)) return 'view'
  const until = probationEnd(scopes)
  return until !== undefined && now < until ? 'normal' : 'trusted'
}

/** One that cannot be read never ends. */
function probationEnd(scopes: readonly string[]): number | undefined {
  const ends = scopes
    .filter(scope => scope.startsWith(probationPrefix))
    .map(scope => scope.slice(probationPrefix.length))
    .map(end => (/^\d{1,15}$/.test(end) ? Number(end) : Number.MAX_SAFE_INTEGER))
  return ends.length === 0 ? undefined : Math.max(...ends)
}
