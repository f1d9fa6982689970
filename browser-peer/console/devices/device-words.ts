import { type DeviceItem, visitEnd } from '../../../protocols/devices/protocol.ts'
import type { Notice, NotMeAnswer } from '../../../protocols/pairing/protocol.ts'
import { clockTime, dateWords, relative } from '../parts/words.ts'

const roles: Readonly<Record<DeviceItem['role'], string>> = {
  node: 'Always on',
  browser: 'Browser',
  cli: 'Command line'
}
const places = {
  machine: 'on the same machine',
  network: 'from the same network',
  elsewhere: 'from elsewhere'
} as const

const placesNow = {
  machine: 'on the machine of your twin',
  network: 'in the network of your twin',
  elsewhere: 'elsewhere'
} as const

/** What it is, where it is while it is here, and when it was seen where it is away. */
export function deviceWords(device: DeviceItem, now = Date.now()): string {
  const { role, number, issuedAt, keeper, state, lastSeenAt, place } = device
  const until = visitEnd(device)
  const isAway = state !== 'this' && state !== 'connected'
  return [
    roles[role],
    `number ${number}`,
    `since ${dateWords(issuedAt)}`,
    ...(keeper ? ['keeps this list'] : []),
    ...(until === undefined ? [] : [`looks only, until ${clockTime(until)}, over plain http`]),
    ...(!isAway && place !== undefined ? [placesNow[place]] : []),
    ...(isAway && lastSeenAt !== undefined ? [`last seen ${relative(lastSeenAt, now)}`] : [])
  ].join(' · ')
}

/** Where a new device came from, and what it may not do yet, if it is on probation. */
export function noticeWords(notice: Notice, isThis: boolean, now = Date.now()): string {
  const { platform, place, at, until, probationUntil } = notice
  const from = [platform, place === undefined ? undefined : places[place]].filter(part => part !== undefined)
  return [
    `${[`Added ${relative(at, now)}`, ...from].join(', ')}.`,
    ...(probationUntil === undefined
      ? []
      : [`It can change no devices until ${dateWords(probationUntil)}, ${clockTime(probationUntil)}.`]),
    ...(isThis ? [] : [`You are reminded of it until ${dateWords(until)}.`])
  ].join(' ')
}

/** What became of new devices that were not the owner's. */
export function takenBackWords({ revoked, takenBack = [], waitsFor }: NotMeAnswer): string {
  const one = revoked.length === 1
  const shut = one ? 'It is shut out' : `${revoked.length} devices are shut out`
  if (waitsFor !== undefined) return `${shut}. What ${one ? 'it' : 'they'} wrote is taken back once ${waitsFor} runs`
  if (takenBack.length === revoked.length) return `${shut}, and what ${one ? 'it' : 'they'} wrote is taken back`
  if (takenBack.length === 0) return `${shut}. What ${one ? 'it' : 'they'} wrote stays`
  return `${shut}. What ${takenBack.length} of them wrote is taken back, and of the others it stays`
}
