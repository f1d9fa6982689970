import { expect } from 'chai'
import { nodeCrypto } from '../../node/crypto.ts'
import { encode } from '../codec.ts'
import { frozen } from '../frozen.fixture.ts'
import { deviceListId } from './device-rules.ts'
import { fixedDeviceKeys, fixedTwin, otherPhrase, rejection, start } from './identity.fixture.ts'
import { decodeNodeRecord, encodeNodeRecord, openNodeHead, sealNodeHead } from './node-record.ts'
import { decodeOwnerRecord, encodeOwnerRecord } from './owner-record.ts'

const crypto = nodeCrypto()
const phone = fixedDeviceKeys(crypto, 41)

async function setup() {
  const john = await fixedTwin(crypto)
  const { twin, first, recovery, next, list, certify } = john
  await list.add(await certify(phone, { number: 2, role: 'cli', scopes: [] }), first.signing, start)
  const owner = {
    admins: [first.transport.publicKey],
    list: deviceListId(twin, crypto),
    genesis: list.genesis!,
    recovery: recovery.publicKey,
    next
  }
  const head = {
    twin,
    list: list.head!,
    inbox: new Uint8Array(32).fill(5),
    mailboxes: [new Uint8Array([1])],
    at: start
  }
  return { ...john, record: owner, head }
}

describe('owner record', () => {
  it('decodes to what was encoded, with frozen bytes', async () => {
    const { record } = await setup()
    const payload = encodeOwnerRecord(record)
    expect(decodeOwnerRecord(payload)).to.deep.equal(record)
    const vector = await frozen('owner-record', payload)
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('is refused when it names nobody, too many, an unknown version or a critical field', async () => {
    const { record } = await setup()
    const map = { v: 1, ...record }
    const wrong = [
      { ...map, admins: [] },
      { ...map, admins: Array.from({ length: 33 }, () => record.next) },
      { ...map, admins: [new Uint8Array(31)] },
      { ...map, v: 2 },
      { ...map, crit: ['later'], later: 1 },
      { ...map, next: undefined },
      { ...map, filler: new Uint8Array(2048) }
    ]
    for (const payload of wrong) expect(() => decodeOwnerRecord(encode(payload))).to.throw()
    expect(decodeOwnerRecord(encode({ ...map, later: 1 })).list).to.deep.equal(record.list)
    expect(() => encodeOwnerRecord({ ...record, admins: [] })).to.throw(/names an admin/)
  })
})

describe('node record', () => {
  it('decodes to what was encoded, with frozen bytes', async () => {
    const { twin, head, first, list } = await setup()
    const sealed = await sealNodeHead(head, first.signing)
    const record = {
      twin,
      addrs: [new Uint8Array([4, 127, 0, 0, 1, 6, 15, 161])],
      protocols: ['/twin/chat/1.0'],
      head: sealed,
      at: start
    }
    const payload = encodeNodeRecord(record)
    expect(decodeNodeRecord(payload)).to.deep.equal(record)
    expect(await openNodeHead(sealed, { list, crypto })).to.deep.equal(head)
    const vector = await frozen('node-record', payload)
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('has a head that counts from a live admin of that twin only', async () => {
    const { head, first, list, owner } = await setup()
    const other = await fixedTwin(crypto, otherPhrase)
    for (const signer of [phone.signing, other.first.signing, owner, first.transport]) {
      expect(await rejection(openNodeHead(await sealNodeHead(head, signer), { list, crypto }))).to.match(/admin device/)
    }
    const foreign = await sealNodeHead({ ...head, twin: other.twin }, first.signing)
    expect(await rejection(openNodeHead(foreign, { list, crypto }))).to.match(/another twin/)
    const sealed = await sealNodeHead(head, first.signing)
    await list.revokeOnSight(1, owner, start)
    expect(await rejection(openNodeHead(sealed, { list, crypto }))).to.match(/admin device/)
  })

  it('has a head that cannot be rolled back', async () => {
    const { head, first, list } = await setup()
    const sealed = await sealNodeHead(head, first.signing)
    expect((await openNodeHead(sealed, { list, crypto, newest: start })).at).to.equal(start)
    expect(await rejection(openNodeHead(sealed, { list, crypto, newest: start + 1 }))).to.match(/older/)
  })

  it('is refused with too many addresses or too large', async () => {
    const { twin, head, first } = await setup()
    const record = { twin, addrs: [], protocols: [], head: await sealNodeHead(head, first.signing), at: start }
    const address = new Uint8Array(8)
    expect(() => encodeNodeRecord({ ...record, addrs: Array.from({ length: 17 }, () => address) })).to.throw(
      /more than 16/
    )
    expect(() => encodeNodeRecord({ ...record, addrs: [new Uint8Array(513)] })).to.throw(/too long/)
    expect(() => encodeNodeRecord({ ...record, head: new Uint8Array(4096) })).to.throw(/at most/)
  })
})
