import { equals } from 'uint8arrays/equals'
import { type Device, type DeviceList, isCurrent, isDueForRenewal, isFormer } from '../../crdt/identity/index.ts'
import type { NodeWarning } from '../control/index.ts'
import type { NodeComponents } from './components.ts'

type Facts = Pick<NodeComponents, 'directory' | 'spaces' | 'deviceNumber' | 'refusing'>

const day = 86_400_000

/** What is wrong with the devices of the own twin, and what its owner can do: for the status and for the doctor. */
export function deviceTroubles(facts: Facts, now = Date.now()): NodeWarning[] {
  const list = facts.directory.get(facts.spaces.replica.self.twin)
  if (list === undefined) return []
  if (list.isRevoked(facts.deviceNumber)) {
    const message = 'This device was revoked: neither your other devices nor your contacts let it in'
    return [{ code: 'revoked', message, next: 'Make a new one of this machine: twin init --restore --home NEW_DIR' }]
  }
  return [
    ...checkList(list, facts.deviceNumber),
    ...checkFormer(list),
    ...checkLeft(list, facts.deviceNumber),
    ...checkCertificate(list, facts, now)
  ]
}

function* checkList(list: DeviceList, here: number): Generator<NodeWarning> {
  const keeper = keeperOf(list)
  const takeOver = 'twin devices revoke NUMBER --kit FILE'
  if (list.proof !== undefined) {
    const message = 'The device list was written twice by the device that keeps it, and is frozen'
    yield { code: 'device-list', message, next: `Revoke that device with your 24 words: ${takeOver}` }
  }
  for (const device of list.devices()) {
    if (device.revoked !== undefined || !list.isRevoked(device.number)) continue
    const title = titleOf(device)
    if (device === keeper) {
      const message = `${title} is revoked and still keeps the device list: keys are not changed until another one does`
      yield { code: 'keeper', message, next: `Take the list over: ${takeOver.replace('NUMBER', `${device.number}`)}` }
    } else if (keeper?.number !== here) {
      const message = `${title} is revoked, and ${titleOf(keeper)} has not recorded it yet: keys are changed then`
      yield { code: 'revocation', message, next: `Start ${titleOf(keeper)}` }
    }
  }
}

/** What a restore without a backup brings back, and when it is over. */
function* checkFormer(list: DeviceList): Generator<NodeWarning> {
  const open = list.devices().filter(({ number, revoked }) => revoked === undefined && isFormer(list, number))
  if (open.length === 0) return
  const message =
    'The twin was restored from its words alone: conversations come back as each contact is met; what was in the private ' +
    'space (contacts, own values) does not'
  const revoke = open.map(({ number }) => `twin devices revoke ${number}`).join('; ')
  yield { code: 'former', message, next: `Add your contacts again. When all that matters is back: ${revoke}` }
}

/** A device whose disk this was: others may have more of it than was here. */
function* checkLeft(list: DeviceList, here: number): Generator<NodeWarning> {
  const keeper = keeperOf(list)
  if (keeper?.number !== here) return
  for (const device of list.devices()) {
    const isOpen = device.revoked === undefined && list.isRevoked(device.number)
    if (!isOpen || device === keeper || isFormer(list, device.number)) continue
    const message =
      `${titleOf(device)} is shut out, and what others have of it is still taken: where it ends is recorded once the devices ` +
      'of all who share a space with you were met since the start'
    const next = `Let them come on. If some never will: twin devices revoke ${device.number}`
    yield { code: 'former', message, next }
  }
}

function* checkCertificate(list: DeviceList, { deviceNumber, refusing }: Facts, now: number): Generator<NodeWarning> {
  const certificate = list.device(deviceNumber)?.certificate
  if (certificate === undefined) return
  const keeper = titleOf(keeperOf(list))
  const next = `Start ${keeper}, which keeps the device list and renews it; if it is lost: twin devices revoke`
  const refused = refusing().length
  if (!isCurrent(certificate, now)) {
    const isEarly = now < certificate.issued
    const message = isEarly
      ? 'The certificate of this device is not valid yet by the clock of this machine'
      : 'The certificate of this device has run out: others take it for a stranger until it is renewed'
    yield { code: 'certificate', message, next: isEarly ? 'Set the clock of this machine' : next }
  } else if (refused > 0) {
    const message = `${refused} connected ${refused === 1 ? 'peer says' : 'peers say'} that the certificate of this device has run out`
    yield { code: 'certificate', message, next: 'See whether the clock of this machine is right' }
  } else if (isDueForRenewal(certificate, now) && keeperOf(list)?.number !== deviceNumber) {
    const days = Math.max(0, Math.floor((certificate.expires - now) / day))
    yield { code: 'certificate', message: `The certificate of this device runs out in ${days} days`, next }
  }
}

function keeperOf(list: DeviceList): Device | undefined {
  return list.devices().find(({ certificate }) => list.keeper !== undefined && equals(certificate.signing, list.keeper))
}

/** `home box (1)` */
function titleOf(device: Device | undefined): string {
  if (device === undefined) return 'the device that keeps the list'
  return device.certificate.name === '' ? `device ${device.number}` : `${device.certificate.name} (${device.number})`
}
