import { equals } from 'uint8arrays/equals'
import type { Signer } from '../crypto/index.ts'
import { type Device, isFormer, isNewDevice, lacksFormer, listFormer, takeBackMs } from '../identity/index.ts'
import { deviceCuts } from './held-cuts.ts'
import { isOpenEnded } from './left-device.ts'
import type { SpacesContext } from './spaces-context.ts'

/** What is decided about the devices of the own twin because of what they wrote in spaces. */
export class DeviceKeeping {
  readonly #context: SpacesContext

  constructor(context: SpacesContext) {
    this.#context = context
  }

  /**
   * Revokes a device of the own twin: recorded with what of it counts when this device keeps the list, else as an admin device's word
   * that acts on sight, until the keeper records it.
   *
   * @param owner the owner key, to make this device the keeper
   * @param undo of a new device: nothing of it counts, by cuts that name no space
   */
  async revokeDevice(number: number, owner?: Signer, undo?: true): Promise<'recorded' | 'on-sight'> {
    const { me, directory } = this.#context.init
    const list = await directory.load(me.twin)
    const device = list?.device(number)
    if (list === undefined || device === undefined) throw new RangeError('No device has this number')
    if (device.revoked !== undefined) throw new RangeError('The device is revoked already')
    if (number === me.device) throw new RangeError('A device cannot revoke itself: use another one')
    if (undo && !this.#isNew(device)) throw new RangeError('Only what a new device wrote is taken back')
    const at = this.#context.clock()
    if (owner !== undefined && !isKey(list.keeper, me.signer.publicKey)) {
      await directory.decide(me.twin, kept => kept.takeOver(me.signer.publicKey, owner, at))
    }
    if (isKey(list.keeper, me.signer.publicKey)) {
      await this.#record(number, undo)
      return 'recorded'
    }
    await directory.decide(me.twin, kept => kept.revokeOnSight(number, me.signer, at, undo))
    return 'on-sight'
  }

  /** As the keeper, records what follows from a list that has changed. */
  async listChanged(): Promise<void> {
    await this.#listFormer()
    await this.#shutOutLeft()
    await this.#recordRevocations()
  }

  /** As the keeper of a list that began anew, lists the devices again that were there before. */
  async #listFormer(): Promise<void> {
    const { me, directory } = this.#context.init
    const list = directory.get(me.twin)
    if (list === undefined || !isKey(list.keeper, me.signer.publicKey) || !lacksFormer(list)) return
    await directory.decide(me.twin, kept => listFormer(kept, me.signer, this.#context.clock()))
  }

  /** As the keeper, shuts out the devices whose disk this was. Where they end is recorded by `endLeft`. */
  async #shutOutLeft(): Promise<void> {
    const { me, directory, formerDevices = [] } = this.#context.init
    const list = directory.get(me.twin)
    if (list === undefined || !isKey(list.keeper, me.signer.publicKey)) return
    for (const number of formerDevices) {
      if (list.device(number) === undefined || list.isRevoked(number)) continue
      await directory.decide(me.twin, kept => kept.revokeOnSight(number, me.signer, this.#context.clock()))
    }
  }

  /**
   * As the keeper, records where the devices end whose disk this was, once every device that may hold something of theirs has sent it:
   * what milestones have cannot be taken out of them again, so no end may be before that.
   */
  async endLeft(): Promise<void> {
    const { me, directory, formerDevices = [] } = this.#context.init
    const list = directory.get(me.twin)
    if (list === undefined || !isKey(list.keeper, me.signer.publicKey)) return
    for (const device of formerDevices) {
      const log = { twin: me.twin, device }
      const all = [...this.#context.spaces].filter(({ space }) => space.state === 'open')
      if (!isOpenEnded(list, device) || !all.every(({ space }) => space.sync.haveAllSent(log))) continue
      const at = this.#context.clock()
      await directory.decide(me.twin, async kept => kept.revoke(device, await deviceCuts(all, log), me.signer, at))
      // What others hold nobody else takes from here, until this device has sealed it
      for (const { space } of all) if (space.sync.standsAlone) void space.compact()
    }
  }

  /** As the keeper of the own device list, records what other admin devices have revoked on sight. */
  async #recordRevocations(): Promise<void> {
    const { me, directory, formerDevices = [] } = this.#context.init
    const list = directory.get(me.twin)
    if (list === undefined || !isKey(list.keeper, me.signer.publicKey)) return
    for (const { number, revoked, certificate } of list.devices()) {
      // Those from before a restore are cut by their owner, once everybody was met who has something of theirs
      if (revoked !== undefined || number === me.device || !list.isRevoked(number) || isFormer(list, number)) continue
      if (formerDevices.includes(number)) continue
      // Later it may stand in milestones, which are not made without it again
      await this.#record(number, list.isTakenBackByWord(number) && this.#isNew({ certificate }))
    }
  }

  /** As the keeper, records where a device ends: where this one has got to, or before all that it wrote. */
  async #record(number: number, undo = false): Promise<void> {
    const { init, spaces, clock } = this.#context
    const { me, directory } = init
    await directory.decide(me.twin, async kept => {
      const cuts = undo ? [] : await deviceCuts(spaces, { twin: me.twin, device: number })
      return kept.revoke(number, cuts, me.signer, clock())
    })
  }

  #isNew({ certificate }: Pick<Device, 'certificate'>): boolean {
    return isNewDevice(certificate.scopes, this.#context.clock(), takeBackMs)
  }
}

function isKey(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && equals(one, other)
}
