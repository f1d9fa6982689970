/** What any list of spaces must show, written against its client. */
import { expect } from 'chai'
import type { Client } from '../core/index.ts'
import type { MemberItem, SpaceItem, spacesProtocol } from './protocol.ts'

export interface SpacesWorld {
  /** The owner of a twin whose contacts are Ben and Carl */
  readonly owner: Client<typeof spacesProtocol>
  /** Makes a group with Ben in it */
  makeGroup(name: string): Promise<void>
  /** Makes a namespace that is shared with Ben */
  share(name: string): Promise<void>
  stop(): Promise<void>
}

export default function spacesCompliance(setup: () => Promise<SpacesWorld>): void {
  let world: SpacesWorld
  beforeEach(async () => {
    world = await setup()
  })
  afterEach(() => world.stop())

  const refusal = (call: Promise<unknown>) =>
    call.then(
      () => ({ code: 'none', message: '' }),
      (error: { code: string; message: string }) => error
    )
  const members = async (space: string) => {
    const items: MemberItem[] = []
    for await (const item of world.owner.members({ space })) items.push(item)
    return items
  }
  const rolesIn = async (space: string) => (await members(space)).map(({ name, role }) => `${name} ${role}`)

  it('lists the own space, conversations by petname and what is shared by name', async () => {
    await world.share('house')
    const items = await all(world.owner)
    const shown = items.map(({ kind, name, state, role }) => ({ kind, name, state, role }))
    expect(shown).to.deep.include({ kind: 'self', name: 'self', state: 'open', role: 'owner' })
    expect(shown).to.deep.include({ kind: 'shared', name: 'house', state: 'open', role: 'owner' })
    expect(items.filter(({ kind }) => kind === 'direct').map(({ name }) => name)).to.have.members(['Ben', 'Carl'])
    expect(items.find(({ name }) => name === 'house')).to.include({
      keeper: true,
      members: 2,
      held: 0,
      cut: 0,
      unread: 0
    })
  })

  it('members come and go, in the roles that are given', async () => {
    await world.share('house')
    expect(await rolesIn('house')).to.deep.equal([' owner', 'Ben writer'])
    expect(await world.owner.add({ space: 'house', who: 'Carl', role: 'reader' })).to.include({
      name: 'Carl',
      number: 3
    })
    expect(await world.owner.setRole({ space: 'House', who: 'carl', role: 'replica' })).to.include({ role: 'replica' })
    expect(await world.owner.remove({ space: 'house', who: 'Ben' })).to.include({ name: 'Ben', removed: true })
    expect(await rolesIn('house')).to.deep.equal([' owner', 'Carl replica'])
    expect(await world.owner.add({ space: 'house', who: 'Ben' })).to.include({ role: 'writer', number: 2 })
  })

  it('refuses what cannot be, with a reason', async () => {
    await world.share('house')
    const cases = [
      [world.owner.add({ space: 'house', who: 'Ben' }), 'AlreadyExists', /role/],
      [world.owner.add({ space: 'house', who: 'Nobody' }), 'NotFound', /./],
      [world.owner.remove({ space: 'house', who: 'Carl' }), 'NotFound', /No member/],
      [world.owner.setRole({ space: 'house', who: 'Carl', role: 'reader' }), 'NotFound', /No member/],
      [world.owner.add({ space: 'Ben', who: 'Carl' }), 'FailedPrecondition', /between two/],
      [world.owner.remove({ space: 'self', who: 'Ben' }), 'FailedPrecondition', /your devices/],
      [world.owner.rename({ space: 'house', name: 'home' }), 'FailedPrecondition', /keeps the name/],
      [world.owner.add({ space: 'nowhere', who: 'Ben' }), 'NotFound', /No space/]
    ] as const
    for (const [call, code, message] of cases) {
      const error = await refusal(call)
      expect(error.code, error.message).to.equal(code)
      expect(error.message).to.match(message)
    }
    expect(await rolesIn('house')).to.deep.equal([' owner', 'Ben writer'])
  })

  it('a space is named by the beginning of its id too, and a name that fits several names them', async () => {
    await world.share('trip')
    await world.makeGroup('Trip')
    const error = await refusal(world.owner.remove({ space: 'trip', who: 'Ben' }))
    expect(error.code).to.equal('FailedPrecondition')
    expect(error.message).to.match(/^Several fit: .*\(shared [0-9a-f]{8}\).*; name one by its id$/)
    expect(error.message).to.match(/Trip \(group [0-9a-f]{8}\)/)
    const group = (await all(world.owner)).find(({ kind }) => kind === 'group')!
    expect(await world.owner.rename({ space: group.id.slice(0, 8), name: 'Rome' })).to.include({ name: 'Rome' })
    expect(await rolesIn('Rome')).to.deep.equal([' owner', 'Ben writer'])
  })

  it('accept() leaves what is open as it is', async () => {
    await world.share('house')
    expect(await world.owner.accept({ space: 'house' })).to.include({ name: 'house', state: 'open' })
  })
}

export async function all(owner: Client<typeof spacesProtocol>): Promise<SpaceItem[]> {
  const items: SpaceItem[] = []
  for await (const item of owner.list({})) items.push(item)
  return items
}
