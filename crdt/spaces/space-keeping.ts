import { equals } from 'uint8arrays/equals'
import { recordHash } from '../identity/index.ts'
import { epochCommitment, type Membership, newEpochKey, type Role, removeToBody } from '../membership/index.ts'
import { DeviceKeeping } from './device-keeping.ts'
import { heldCuts } from './held-cuts.ts'
import type { OpenSpace } from './open-space.ts'
import { SpaceError } from './space.ts'
import type { SpacesContext } from './spaces-context.ts'
import { hasForeignWrap, recipientsOf, recoveryRecipient, type SealedWrap, sealMissing, sealTo } from './wraps.ts'

type DecidedBody = Parameters<Membership['decide']>[1]

/** What the keeper of a space decides: who belongs to it, and in which keys is written. */
export class SpaceKeeping {
  readonly #context: SpacesContext
  /** Keys of epochs that are being decided: they are stored, wrapped, with the record that commits to them. */
  readonly #pending = new Map<OpenSpace, Uint8Array>()
  /** A key whose record could not be written: it goes with that record when it is written again. */
  readonly #unwritten = new Map<OpenSpace, { readonly record: Uint8Array; readonly key: Uint8Array }>()

  readonly devices: DeviceKeeping

  constructor(context: SpacesContext) {
    this.#context = context
    this.devices = new DeviceKeeping(context)
  }

  /** Whether this device decides. */
  isKeeper({ membership }: OpenSpace): boolean {
    return isKey(membership.keeper, this.#context.init.me.signer.publicKey)
  }

  /** Adds a member, or gives one another role. */
  async setMember(found: OpenSpace, twin: Uint8Array, role: Role): Promise<void> {
    await this.#context.turns.take(found.space.id, async () => {
      const view = await this.#needKeeper(found)
      const known = view.roleOf(twin)
      if (known === role) return
      const former = view.removals.findLast(({ member }) => equals(member.twin, twin))?.member.role
      if (role !== 'replica' && (known ?? former) === 'replica') {
        // What it took without a key it has judged by none of the rules
        throw new RangeError(
          'A replica stays one: it holds entries that it never read. Share a new space with them, as a reader or writer'
        )
      }
      const number = view.everNumberOf(twin) ?? view.numbers + 1
      const records: Uint8Array[] = []
      // Whoever loses the right to write could go on under an old date: only a cut ends a log
      const isLess = known !== undefined && mayWrite(known) && !mayWrite(role)
      if (isLess)
        records.push(await this.#decide(found, 'remove', removeToBody({ number, cuts: await heldCuts(found, twin) })))
      records.push(await this.#decide(found, 'member', { twin, number, role }))
      found.space.changed(records, [])
      if (known !== undefined && role === 'replica') await this.#rotate(found)
      else await this.#passKeys(found, twin)
    })
  }

  async removeMember(found: OpenSpace, twin: Uint8Array): Promise<void> {
    await this.#context.turns.take(found.space.id, async () => {
      const view = await this.#needKeeper(found)
      const number = view.numberOf(twin)
      if (number === undefined) throw new RangeError('The twin is no member of this space')
      const record = await this.#decide(found, 'remove', removeToBody({ number, cuts: await heldCuts(found, twin) }))
      found.space.changed([record], [])
      await this.#rotate(found)
    })
  }

  async rename(found: OpenSpace, name: string): Promise<void> {
    await this.#context.turns.take(found.space.id, async () => {
      await this.#needKeeper(found)
      found.space.changed([await this.#decide(found, 'name', { name })], [])
    })
  }

  /**
   * A device list has changed: in this space keys go to new devices, and revoked ones lose the next.
   *
   * @param known the last epoch whose key revoked devices may have
   */
  async devicesChanged(found: OpenSpace, twin: Uint8Array, known = 0): Promise<void> {
    const { me, directory } = this.#context.init
    const { membership, space } = found
    if (membership.view?.numberOf(twin) === undefined) return
    space.retry()
    await this.#context.turns.take(space.id, async () => {
      if (this.isKeeper(found)) await this.#recover(found)
      if (!this.isKeeper(found) && this.#isToTakeOver(found)) {
        found.space.changed([await membership.takeOver(me.signer, this.#context.clock())], [])
      }
      if (!this.isKeeper(found)) {
        if (equals(twin, me.twin) || this.#isLeftAlone(found, twin)) await this.#passKeys(found, twin)
        return
      }
      const isKnown = membership.view?.roleOf(twin) !== 'replica' && membership.view!.epochs.length <= known
      if (isKnown || hasForeignWrap(found, directory)) await this.#rotate(found)
      // Also after that: a device that takes the place of another has no key of the epochs before
      await this.#passKeys(found, twin)
    })
  }

  /** Writes a record down before it counts, and with it the key that it commits to. */
  async write(found: OpenSpace, record: Uint8Array): Promise<void> {
    const unwritten = this.#unwritten.get(found)
    const isAgain = unwritten !== undefined && equals(unwritten.record, record)
    const key = isAgain ? unwritten.key : this.#pending.get(found)
    if (!isAgain) this.#pending.delete(found)
    if (key !== undefined) this.#unwritten.set(found, { record, key })
    await this.#context.writes.record(found, record, key === undefined ? [] : await this.#wrapsOf(found, record, key))
    this.#unwritten.delete(found)
  }

  async #wrapsOf(found: OpenSpace, bytes: Uint8Array, key: Uint8Array): Promise<SealedWrap[]> {
    const { crypto, directory, me } = this.#context.init
    const view = found.membership.view!
    const number = view.epochs.length + 1
    const commitment = epochCommitment(found.space.id, number, key, crypto)
    const epoch = { epoch: number, commitment, record: recordHash(bytes, crypto) }
    const recipients = view.members.flatMap(({ twin, role }) =>
      role === 'replica' ? [] : recipientsOf(directory, twin)
    )
    if (view.kind === 'self') recipients.push(...recoveryRecipient(me))
    return sealTo(found.space, epoch, key, recipients, crypto)
  }

  /** Opens an epoch whose key only the present members' live devices get. */
  async #rotate(found: OpenSpace): Promise<void> {
    const { crypto } = this.#context.init
    const key = newEpochKey(crypto)
    const epoch = found.membership.view!.epochs.length + 1
    this.#pending.set(found, key)
    const commitment = epochCommitment(found.space.id, epoch, key, crypto)
    const record = await this.#decide(found, 'epoch', { epoch, commitment })
    found.space.context.keyRing.add(epoch, key)
    const wraps = found.records.wrapsOf(epoch)
    found.space.changed([record], wraps)
    await this.#context.keeper.keepIfPossible(found)
  }

  /** Wraps the keys of the space to devices of the twin that have none yet. */
  async #passKeys(found: OpenSpace, twin: Uint8Array): Promise<void> {
    const { directory, crypto } = this.#context.init
    const isReader = found.membership.view?.roleOf(twin) !== 'replica'
    const recipients = isReader ? recipientsOf(directory, twin) : []
    if (found.membership.view?.kind === 'self') recipients.push(...recoveryRecipient(this.#context.init.me))
    const sealed = await sealMissing(found.space, found.records, recipients, crypto)
    await this.#context.writes.wraps(found, sealed)
    if (sealed.length > 0)
      found.space.changed(
        [],
        sealed.map(({ wrap }) => wrap)
      )
  }

  /** One device decides who follows a keeper that was revoked: that which keeps the device list, or two would at once. */
  #isToTakeOver({ membership }: OpenSpace): boolean {
    const { me, directory } = this.#context.init
    const list = directory.get(me.twin)
    const keeper = membership.keeper && list?.bySigning(membership.keeper)
    const isMine = membership.view !== undefined && equals(membership.view.decider, me.twin)
    if (!isMine || list === undefined || keeper === undefined || !list.isRevoked(keeper.number)) return false
    return isKey(list.keeper, me.signer.publicKey)
  }

  /**
   * Whether the deciding twin has lost the device that decided, as after a restore: then any member gives its new one the keys. Since
   * then nobody has decided to keep a key from one of its devices.
   */
  #isLeftAlone({ membership }: OpenSpace, twin: Uint8Array): boolean {
    const { view, keeper } = membership
    if (view === undefined || keeper === undefined || !equals(view.decider, twin)) return false
    const list = this.#context.init.directory.get(twin)
    const device = list?.bySigning(keeper)
    return list !== undefined && (device === undefined || list.isRevoked(device.number))
  }

  async #needKeeper(found: OpenSpace) {
    await this.#recover(found)
    if (!this.isKeeper(found)) {
      throw new SpaceError('not-keeper', 'Another device decides who is in this space: do it on the one that made it')
    }
    return found.membership.view!
  }

  /** What was decided before and could not be written down, as on a full disk, counts once it is. */
  async #recover(found: OpenSpace): Promise<void> {
    const record = await found.membership.recover()
    if (record === undefined) return
    found.records.recordsWritten(found.membership.all().length)
    const epoch = found.membership.view?.epoch
    const wraps = epoch === undefined ? [] : found.records.wrapsOf(epoch.epoch)
    // Of an epoch that begins with this record the key is in the wraps alone
    for (const wrap of wraps) await found.space.context.keyRing.unwrap(wrap)
    found.space.changed([record], wraps)
    await this.#context.keeper.keepIfPossible(found)
    // What was to follow it: else who was removed goes on reading, and who was added never begins
    if (hasForeignWrap(found, this.#context.init.directory)) await this.#rotate(found)
    for (const { twin } of found.membership.view!.members) await this.#passKeys(found, twin)
  }

  async #decide(found: OpenSpace, kind: string, body: DecidedBody): Promise<Uint8Array> {
    const { me } = this.#context.init
    const record = await found.membership.decide(kind, body, me.signer, this.#context.clock())
    found.records.recordsWritten(found.membership.all().length)
    return record
  }
}

function mayWrite(role: Role): boolean {
  return role === 'owner' || role === 'writer'
}

function isKey(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && equals(one, other)
}
