/** What any list of devices must show, written against its client. */
import { expect } from 'chai'
import type { Client } from '../core/index.ts'
import type { DeviceItem, devicesProtocol } from './protocol.ts'

export interface DevicesWorld {
  /** The owner at the device that keeps the list */
  readonly owner: Client<typeof devicesProtocol>
  /** Lists another device; answers its number */
  addDevice(): Promise<number>
  stop(): Promise<void>
}

export default function devicesCompliance(setup: () => Promise<DevicesWorld>): void {
  let world: DevicesWorld
  beforeEach(async () => {
    world = await setup()
  })
  afterEach(() => world.stop())

  const list = () => all(world.owner)
  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => 'none',
      error => error.code
    )

  it('the first device is here and keeps the list', async () => {
    const [first, ...more] = await list()
    expect(first).to.include({ number: 1, state: 'this', here: true, keeper: true })
    expect(first!.expiresAt).to.be.above(first!.issuedAt)
    expect(more).to.deep.equal([])
  })

  it('revoke() shuts a device out, and says the same when asked again', async () => {
    const number = await world.addDevice()
    const before = (await list())[1]
    expect(before).to.include({ number, state: 'away', here: false, keeper: false })
    const answer = await world.owner.revoke({ number })
    expect(answer).to.include({ number, revocation: 'recorded', kept: 0 })
    const after = (await list())[1]
    expect(after).to.include({ number, state: 'revoked', kept: 0, cut: 0 })
    expect(after!.revokedAt).to.be.a('number')
    expect(await world.owner.revoke({ number })).to.deep.equal(answer)
  })

  it('revoke() refuses the device that asks, and a number that no device has', async () => {
    expect(await codeOf(world.owner.revoke({ number: 1 }))).to.equal('FailedPrecondition')
    expect(await codeOf(world.owner.revoke({ number: 9 }))).to.equal('NotFound')
    expect((await list())[0]).to.include({ state: 'this' })
  })

  it('rename() gives a device another name and keeps all else of it', async () => {
    const number = await world.addDevice()
    const before = (await list())[1]!
    const renamed = await world.owner.rename({ number, name: ' Zoë’s phone ' })
    const { name, issuedAt, expiresAt, ...rest } = before
    expect(renamed).to.include({ ...rest, scopes: renamed.scopes, name: 'Zoë’s phone' })
    expect(renamed.issuedAt).to.be.above(issuedAt)
    expect(renamed.expiresAt - renamed.issuedAt).to.equal(expiresAt - issuedAt)
    expect(name).to.not.equal(renamed.name)
    expect((await list())[1]).to.deep.equal(renamed)
  })

  it('rename() refuses what is no name, no device, or revoked', async () => {
    const number = await world.addDevice()
    for (const name of ['a\nb', ' ', 'ö'.repeat(40)]) {
      expect(await codeOf(world.owner.rename({ number, name })), name).to.equal('InvalidArgument')
    }
    expect(await codeOf(world.owner.rename({ number: 9, name: 'a' }))).to.equal('NotFound')
    await world.owner.revoke({ number })
    expect(await codeOf(world.owner.rename({ number, name: 'a' }))).to.equal('FailedPrecondition')
  })

  it('takeOver() refuses what is no take-over, and changes nothing', async () => {
    const records = []
    for await (const { record } of world.owner.records({})) records.push(record)
    expect(records).to.have.length(1)
    const before = await list()
    expect(await codeOf(world.owner.takeOver({ record: new Uint8Array([1, 2, 3]) }))).to.equal('FailedPrecondition')
    expect(await list()).to.deep.equal(before)
  })
}

export async function all(owner: Client<typeof devicesProtocol>): Promise<DeviceItem[]> {
  const items: DeviceItem[] = []
  for await (const item of owner.list({})) items.push(item)
  return items
}
