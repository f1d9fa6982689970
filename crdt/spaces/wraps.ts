import type { Crypto } from '../crypto/index.ts'
import type { DeviceDirectory } from '../identity/index.ts'
import { decodeWrap, type Epoch, RECOVERY_DEVICE, type Recipient, sealEpochKey } from '../membership/index.ts'
import type { Batch } from '../store/index.ts'
import type { LocalSpace } from './local-space.ts'
import type { OpenSpace } from './open-space.ts'
import type { SpaceRecords } from './space-records.ts'
import type { Me } from './spaces.ts'

/** Wraps a space keeps at most for one epoch and twin: one for each device and the phrase. */
export const maxWraps = 4096

/** A key on its way to a device. */
export interface SealedWrap {
  readonly epoch: Epoch
  readonly recipient: Recipient
  readonly wrap: Uint8Array
}

/** The live devices of a twin as recipients of keys. */
export function recipientsOf(directory: DeviceDirectory, twin: Uint8Array): Recipient[] {
  const list = directory.get(twin)
  if (list === undefined) return []
  return list
    .devices()
    .filter(({ number }) => !list.isRevoked(number))
    .map(({ number, certificate }) => ({ twin, device: number, publicKey: certificate.encryption }))
}

/** The phrase's recovery key, for the own `self` space. */
export function recoveryRecipient(me: Me): Recipient[] {
  return me.recovery === undefined ? [] : [{ twin: me.twin, device: RECOVERY_DEVICE, publicKey: me.recovery }]
}

/** Wraps for the recipients that have none yet, for every epoch whose key is here. */
export async function sealMissing(
  space: LocalSpace,
  records: SpaceRecords,
  recipients: readonly Recipient[],
  crypto: Crypto
): Promise<SealedWrap[]> {
  const sealed: SealedWrap[] = []
  for (const epoch of space.context.membership.view?.epochs ?? []) {
    const key = space.context.keyRing.get(epoch.epoch)
    if (key === undefined) continue
    for (const recipient of recipients) {
      if (records.hasWrap(epoch.epoch, recipient.twin, recipient.device)) continue
      sealed.push({ epoch, recipient, wrap: await sealEpochKey(key, epoch, space.id, recipient, crypto) })
    }
  }
  return sealed
}

/** Wraps of one epoch key. */
export async function sealTo(
  space: LocalSpace,
  epoch: Epoch,
  key: Uint8Array,
  recipients: readonly Recipient[],
  crypto: Crypto
): Promise<SealedWrap[]> {
  const sealed: SealedWrap[] = []
  for (const recipient of recipients) {
    sealed.push({ epoch, recipient, wrap: await sealEpochKey(key, epoch, space.id, recipient, crypto) })
  }
  return sealed
}

/** Whether the newest key was given to a device that is not to have it any more: revoked since, or of a former member. */
export function hasForeignWrap({ membership, records }: OpenSpace, directory: DeviceDirectory): boolean {
  const { view } = membership
  return records.wrapsOf(view?.epoch?.epoch ?? 0).some(bytes => {
    const { twin, device } = decodeWrap(bytes)
    const isMember = view?.numberOf(twin) !== undefined
    return !isMember || (device !== RECOVERY_DEVICE && directory.get(twin)?.isRevoked(device) === true)
  })
}

/** Adds wraps of others that fit the space; those that do not are left out. */
export function takeWraps(
  batch: Batch,
  space: LocalSpace,
  records: SpaceRecords,
  wraps: readonly Uint8Array[]
): Uint8Array[] {
  const taken: Uint8Array[] = []
  const { view } = space.context.membership
  let count = [...records.wraps].length
  for (const bytes of wraps) {
    try {
      const wrap = decodeWrap(bytes)
      const fits = view?.epochs.some(({ epoch }) => epoch === wrap.epoch) && view.numberOf(wrap.twin) !== undefined
      const isOfSpace = wrap.space.every((byte, index) => byte === space.id[index])
      // A wrap that is here stays: it carries no signature, so a later one may be anything
      if (!fits || !isOfSpace || records.hasWrap(wrap.epoch, wrap.twin, wrap.device) || ++count > maxWraps) continue
      records.writeWrap(batch, wrap.epoch, wrap.twin, wrap.device, bytes)
      taken.push(bytes)
    } catch {
      // Not a wrap
    }
  }
  return taken
}
