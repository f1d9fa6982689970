import { createSpace, directoryAuthority, type Role, type SpaceKind } from '../membership/index.ts'
import type { LocalSpace } from './local-space.ts'
import { needDevices } from './need-devices.ts'
import type { OpenSpace } from './open-space.ts'
import type { Space } from './space.ts'
import type { SpaceAcceptance } from './space-acceptance.ts'
import type { SpaceAssembly } from './space-assembly.ts'
import type { SpaceKeeping } from './space-keeping.ts'
import { SpaceRecords } from './space-records.ts'
import type { Spaces } from './spaces.ts'
import type { SpacesContext } from './spaces-context.ts'
import { recipientsOf, recoveryRecipient, sealMissing } from './wraps.ts'

export interface SpaceMakingInit {
  readonly context: SpacesContext
  readonly keeping: SpaceKeeping
  readonly assembly: SpaceAssembly
  readonly acceptance: SpaceAcceptance
}

interface NewMember {
  readonly twin: Uint8Array
  readonly role: Exclude<Role, 'owner'>
}

/** Makes spaces of which this twin decides. One that was refused is removed, as far as it may be on the disk all the same. */
export class SpaceMaking {
  readonly #init: SpaceMakingInit
  readonly #making = new Set<Promise<unknown>>()
  /** Spaces whose making was refused, and which may be on the disk all the same: removed before another is made. */
  readonly #doubtful = new Set<OpenSpace>()
  #removing: Promise<void> | undefined

  constructor(init: SpaceMakingInit) {
    this.#init = init
  }

  /** Those that were asked for and are not there yet. */
  get pending(): Iterable<Promise<unknown>> {
    return this.#making
  }

  /** See `Spaces.create`. */
  async create(init: Parameters<Spaces['create']>[0]): Promise<Space> {
    const { directory } = this.#init.context.init
    const members = init.members.map(member =>
      member instanceof Uint8Array ? { twin: member, role: 'writer' as const } : { role: 'writer' as const, ...member }
    )
    for (const { twin, role } of members) {
      if (role === 'owner') throw new RangeError('The twin that makes a space is its only owner')
      await needDevices(directory, twin)
    }
    // None is an owner
    const making = this.make(init.kind, init.name, members as NewMember[], init.policy)
    this.#making.add(making)
    return await making.finally(() => this.#making.delete(making))
  }

  async make(kind: SpaceKind, name: string, members: readonly NewMember[], policy = ''): Promise<LocalSpace> {
    const { context, keeping, assembly, acceptance } = this.#init
    const { init, clock, store, commit, writes, keeper, news } = context
    const { me, crypto, directory } = init
    while (this.#doubtful.size > 0) await this.#removeDoubtful()
    const authority = directoryAuthority(directory)
    const holder: { open?: OpenSpace } = {}
    const created = await createSpace({
      kind,
      decider: me.twin,
      signer: me.signer,
      members,
      name,
      policy,
      at: clock(),
      authority,
      crypto,
      // Until the space is stored as a whole nobody has seen a record of it
      beforeDecide: record => (holder.open === undefined ? undefined : keeping.write(holder.open, record))
    })
    const { membership, key } = created
    const found = assembly.assemble(membership, new SpaceRecords(store, created.space), 'open')
    found.space.context.keyRing.add(1, key)
    // A replica keeps what it cannot read
    const readers = members.filter(({ role }) => role !== 'replica')
    const recipients = [me.twin, ...readers.map(({ twin }) => twin)].flatMap(twin => recipientsOf(directory, twin))
    if (kind === 'self') recipients.push(...recoveryRecipient(me))
    const sealed = await sealMissing(found.space, found.records, recipients, crypto)
    try {
      await writes.whole(found, 'open', sealed)
    } catch (cause) {
      // It may be on the disk all the same, and would be there at the next start
      await commit.idle()
      if (store.isFenced) this.#doubtful.add(found)
      if (store.isFenced || !(await found.records.isStored())) throw cause
      found.records.recordsWritten(membership.all().length)
    }
    holder.open = found
    try {
      await assembly.read(found)
    } catch (cause) {
      this.#doubtful.add(found)
      throw cause
    }
    found.space.begin()
    acceptance.add(found)
    news.sync.emit('space', { space: found.space.id })
    news.owner.emit('open', { space: found.space })
    if (kind !== 'self') await keeper.keepIfPossible(found)
    return found.space
  }

  /** Once for all that are made meanwhile: a second removal would take away a conversation that is made again after the first. */
  #removeDoubtful(): Promise<void> {
    this.#removing ??= (async () => {
      for (const refused of this.#doubtful) {
        await this.#init.context.writes.remove(refused)
        this.#doubtful.delete(refused)
      }
    })().finally(() => {
      this.#removing = undefined
    })
    return this.#removing
  }
}
