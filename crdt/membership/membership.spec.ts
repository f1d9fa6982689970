import { expect } from 'chai'
import { encode } from '../codec.ts'
import { webCrypto } from '../crypto/index.ts'
import { sealRecord } from '../identity/index.ts'
import {
  type Authority,
  createSpace,
  directSpaceId,
  isEpochKey,
  Membership,
  removeToBody,
  selfSpaceId
} from './index.ts'

const crypto = webCrypto()
const at = 1_760_000_000_000
const seed = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const [lower, higher] = [seed(1), seed(2)] as const
const third = seed(3)
const keeper = crypto.signer(seed(11))
const admin = crypto.signer(seed(12))
const stranger = crypto.signer(seed(13))

/** Admin devices of the lower twin; others have none. */
const authority: Authority = {
  isAdmin: (twin, key) => sameBytes(twin, lower) && [keeper, admin].some(({ publicKey }) => sameBytes(publicKey, key))
}

const base = { decider: lower, signer: keeper, at, authority, crypto }
const group = () =>
  createSpace({ ...base, kind: 'group', name: 'Climbing', members: [{ twin: higher, role: 'writer' }] })

async function copyOf(membership: Membership, by: Authority = authority): Promise<Membership> {
  const copy = new Membership({ space: membership.space, me: higher, authority: by, crypto })
  for (const record of membership.all()) await copy.append(record)
  return copy
}

describe('membership', () => {
  it('createSpace() makes a group that another replica reads from its records alone', async () => {
    const { space, membership, key } = await group()
    const copy = await copyOf(membership)
    expect(copy.head).to.deep.equal(membership.head)
    const view = copy.view!
    expect(view.kind).to.equal('group')
    expect(view.name).to.equal('Climbing')
    expect(view.members).to.deep.equal([
      { number: 1, twin: lower, role: 'owner' },
      { number: 2, twin: higher, role: 'writer' }
    ])
    expect(view.numberOf(higher)).to.equal(2)
    expect(view.mayWrite(higher)).to.equal(true)
    expect(view.mayWrite(third)).to.equal(false)
    expect(isEpochKey(key, view.epoch!, space, crypto)).to.equal(true)
  })

  it('createSpace() gives direct and self spaces the ids that follow from the twins', async () => {
    const direct = await createSpace({ ...base, kind: 'direct', members: [{ twin: higher, role: 'writer' }] })
    expect(direct.space).to.deep.equal(directSpaceId(higher, lower, crypto))
    const self = await createSpace({ ...base, kind: 'self' })
    expect(self.space).to.deep.equal(selfSpaceId(lower, crypto))
    expect((await copyOf(self.membership)).view?.members).to.have.length(1)
  })

  it('createSpace() refuses members that do not fit the kind', async () => {
    const writer = { twin: higher, role: 'writer' } as const
    const rejected = [
      createSpace({ ...base, kind: 'direct', members: [writer, { ...writer, twin: third }] }),
      createSpace({ ...base, kind: 'direct', members: [{ ...writer, role: 'reader' }] }),
      createSpace({ ...base, kind: 'direct', members: [{ ...writer, twin: seed(0) }] }),
      createSpace({ ...base, kind: 'self', members: [writer] }),
      createSpace({ ...base, kind: 'group', decider: higher }),
      createSpace({ ...base, kind: 'group', signer: stranger })
    ]
    for (const creation of rejected) expect(await errorOf(creation)).to.be.instanceOf(Error)
  })

  it('numbers members in order and never gives a number again', async () => {
    const { membership } = await group()
    const admit = (twin: Uint8Array, number: number) =>
      membership.decide('member', { twin, number, role: 'writer' }, keeper, at)
    expect(await errorOf(admit(third, 4))).to.be.instanceOf(Error)
    await admit(third, 3)
    const cut = { device: 1, seq: 4, hash: seed(9) }
    await membership.decide('remove', removeToBody({ number: 3, cuts: [cut] }), keeper, at)
    expect(membership.view?.twinOf(3)).to.deep.equal(third)
    const [, seq, record] = membership.head!
    expect(membership.view?.removals).to.deep.equal([
      { member: { number: 3, twin: third, role: 'writer' }, cuts: [cut], seq, record }
    ])
    expect(await errorOf(admit(seed(8), 3))).to.be.instanceOf(Error)
    await admit(seed(8), 4)
    expect(membership.view?.numbers).to.equal(4)
  })

  it('a twin that comes back gets the number it had', async () => {
    const { membership } = await group()
    const admit = (number: number) => membership.decide('member', { twin: higher, number, role: 'reader' }, keeper, at)
    await membership.decide('remove', removeToBody({ number: 2, cuts: [] }), keeper, at)
    expect(membership.view?.everNumberOf(higher)).to.equal(2)
    expect(await errorOf(admit(3))).to.be.instanceOf(Error)
    await admit(2)
    expect(membership.view?.members.map(({ number, role }) => `${number} ${role}`)).to.deep.equal([
      '1 owner',
      '2 reader'
    ])
  })

  it('answers the view as of any earlier head', async () => {
    const { membership } = await group()
    const before = membership.head!
    await membership.decide('name', { name: 'Hiking' }, keeper, at)
    await membership.decide('member', { twin: higher, number: 2, role: 'reader' }, keeper, at)
    expect(membership.at(before)?.name).to.equal('Climbing')
    expect(membership.at(before)?.mayWrite(higher)).to.equal(true)
    expect(membership.view?.mayWrite(higher)).to.equal(false)
    expect(membership.isAt(before, membership.head)).to.equal(true)
    expect(membership.isAt(membership.head!, before)).to.equal(false)
    expect(membership.at([0, 1, seed(5)])).to.equal(undefined)
  })

  it('refuses what the rules do not allow', async () => {
    const { membership } = await group()
    const key = seed(7)
    const bodies: [string, Record<string, unknown>][] = [
      ['member', { twin: third, number: 3, role: 'owner' }],
      ['member', { twin: higher, number: 3, role: 'reader' }],
      ['member', { twin: lower, number: 1, role: 'reader' }],
      ['member', { twin: third, number: 3, role: 'reader', extra: 1 }],
      ['remove', { number: 1, cuts: [] }],
      ['remove', { number: 7, cuts: [] }],
      [
        'remove',
        {
          number: 2,
          cuts: [
            [2, 1, key],
            [1, 1, key]
          ]
        }
      ],
      ['epoch', { epoch: 3, commitment: key }],
      ['epoch', { epoch: 2, commitment: key.slice(1) }],
      ['name', { name: 'x'.repeat(129) }],
      ['colour', {}]
    ]
    for (const [kind, body] of bodies) {
      expect(await errorOf(membership.decide(kind, body as never, keeper, at)), kind).to.be.instanceOf(Error)
    }
  })

  it('takes records of the keeper only, and of an admin device that takes over', async () => {
    const { membership } = await group()
    const copy = await copyOf(membership)
    const name = await membership.decide('name', { name: 'Mine' }, keeper, at)
    expect(await errorOf(copy.decide('name', { name: 'Stolen' }, stranger, at))).to.be.instanceOf(Error)
    expect(await errorOf(copy.takeOver(stranger, at))).to.be.instanceOf(Error)
    const takeover = await copy.takeOver(admin, at)
    const later = await copy.decide('name', { name: 'Newer' }, admin, at)
    // The term of the take-over wins wherever both are known, in any order
    expect(await membership.append(takeover)).to.deep.equal({ ok: true, isNew: true, dropped: 1 })
    await membership.append(later)
    expect(await copy.append(name)).to.deep.equal({ ok: true, isNew: false, dropped: 0 })
    expect(membership.view?.name).to.equal('Newer')
    expect(membership.head).to.deep.equal(copy.head)
    expect(membership.keeper).to.deep.equal(admin.publicKey)
  })

  it('forgets the views of records that a take-over dropped', async () => {
    const { membership } = await group()
    const copy = await copyOf(membership)
    await membership.decide('name', { name: 'Dropped' }, keeper, at)
    const dropped = membership.head!
    expect(membership.at(dropped)?.name).to.equal('Dropped')
    await membership.append(await copy.takeOver(admin, at))
    expect(membership.at(dropped)).to.equal(undefined)
    expect(membership.at(membership.head!)?.name).to.equal('Climbing')
  })

  it('freezes on two records in one place and unfreezes by a take-over', async () => {
    const { membership } = await group()
    const copy = await copyOf(membership)
    const [one, two] = [
      await membership.decide('name', { name: 'One' }, keeper, at),
      await copy.decide('name', { name: 'Two' }, keeper, at)
    ]
    await membership.append(two)
    await copy.append(one)
    for (const replica of [membership, copy]) {
      expect(replica.proof).to.have.length(2)
      expect(replica.view?.name).to.equal('Climbing')
    }
    await membership.takeOver(admin, at)
    expect(membership.proof).to.equal(undefined)
    for (const record of membership.since(copy.head)) await copy.append(record)
    expect(copy.head).to.deep.equal(membership.head)
  })

  it('says later, not no, while a device list or an earlier record is missing', async () => {
    const { membership } = await group()
    let isKnown = false
    const slow: Authority = { isAdmin: (twin, key) => (isKnown ? authority.isAdmin(twin, key) : undefined) }
    const copy = new Membership({ space: membership.space, me: higher, authority: slow, crypto })
    const [genesis, member] = membership.all()
    expect(await copy.append(member!)).to.include({ ok: false, later: true })
    expect(await copy.append(genesis!)).to.include({ ok: false, later: true })
    isKnown = true
    expect(await copy.append(genesis!)).to.include({ ok: true })
    expect(await copy.append(member!)).to.include({ ok: true })
    expect(await copy.append(member!.slice(0, -1))).to.include({ ok: false, later: false })
  })

  it('refuses the genesis of another space, and one with a field it does not know', async () => {
    const { space } = await group()
    const body = { kind: 'group', decider: lower, nonce: new Uint8Array(16), gate: 1, policy: '', name: '' }
    for (const [log, changed] of [
      [space, body],
      [crypto.sha256(encode(body)), { ...body, extra: 1 }],
      [selfSpaceId(higher, crypto), { ...body, kind: 'self' }],
      // The direct space of the reader and a third twin, squatted by one who is neither
      [directSpaceId(higher, third, crypto), { ...body, kind: 'direct' }]
    ] as const) {
      const init = {
        log,
        term: 0,
        seq: 0,
        prev: undefined,
        keeper: keeper.publicKey,
        at,
        kind: 'genesis',
        body: changed
      }
      const copy = new Membership({ space: log, me: higher, authority, crypto })
      expect(await copy.append(await sealRecord(init, keeper))).to.include({ ok: false, later: false })
    }
  })
})

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
    return undefined
  } catch (error) {
    return error
  }
}
