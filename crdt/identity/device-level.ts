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
  /** ms since 1970; absent when the device never was on probation */
  readonly probationUntil?: number
  /** Number of the device that has ended the probation; it counts as long as that one is not revoked */
  readonly trustedBy?: number
}

/** Whether the device list has revoked the device of a number. */
export type IsRevoked = (number: number) => boolean

const levelPrefix = 'level.'
const probationPrefix = 'probation.'

export function pairingToScopes({ level, at, by, probationUntil, trustedBy }: Pairing): string[] {
  const probation = probationUntil === undefined ? [] : [`${probationPrefix}${probationUntil}`]
  const trust = trustedBy === undefined ? [] : [`trusted.${trustedBy}`]
  return [`${levelPrefix}${level}`, `paired.${at}.${by}`, ...probation, ...trust]
}

/** Of a device that was paired. */
export function scopesToPairing(scopes: readonly string[]): Pairing | undefined {
  for (const scope of scopes) {
    const match = /^paired\.(\d{1,15})\.(\d{1,5})$/.exec(scope)
    if (match === null) continue
    const [probationUntil, trustedBy] = [probationEnd(scopes), trustOf(scopes)]
    return {
      level: isViewOnly(scopes) ? 'view' : 'normal',
      at: Number(match[1]),
      by: Number(match[2]),
      ...(probationUntil !== undefined && { probationUntil }),
      ...(trustedBy !== undefined && { trustedBy })
    }
  }
  return undefined
}

/** Whether nothing that the device writes counts. A level that this release does not know is no more than looking. */
export function isViewOnly(scopes: readonly string[]): boolean {
  return scopes.some(scope => scope.startsWith(levelPrefix) && scope !== `${levelPrefix}normal`)
}

export function levelAt(scopes: readonly string[], now: number, isRevoked: IsRevoked): DeviceLevel {
  if (scopes.includes(adminScope)) return 'admin'
  if (isViewOnly(scopes)) return 'view'
  return probationAt(scopes, now, isRevoked) === undefined ? 'trusted' : 'normal'
}

/** Until when the device is on probation, if it is. */
export function probationAt(scopes: readonly string[], now: number, isRevoked: IsRevoked): number | undefined {
  const trustedBy = trustOf(scopes)
  if (trustedBy !== undefined && !isRevoked(trustedBy)) return undefined
  const until = probationEnd(scopes)
  return until !== undefined && now < until ? until : undefined
}

function trustOf(scopes: readonly string[]): number | undefined {
  const found = scopes.map(scope => /^trusted\.(\d{1,5})$/.exec(scope)?.[1]).find(number => number !== undefined)
  return found === undefined ? undefined : Number(found)
}

/** One that cannot be read never ends. */
function probationEnd(scopes: readonly string[]): number | undefined {
  const ends = scopes
    .filter(scope => scope.startsWith(probationPrefix))
    .map(scope => scope.slice(probationPrefix.length))
    .map(end => (/^\d{1,15}$/.test(end) ? Number(end) : Number.MAX_SAFE_INTEGER))
  return ends.length === 0 ? undefined : Math.max(...ends)
}
