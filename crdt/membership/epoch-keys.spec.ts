import { expect } from 'chai'
import { encode } from '../codec.ts'
import { webCrypto } from '../crypto/index.ts'
import { frozen } from '../frozen.fixture.ts'
import { bytesToHex, hexToBytes } from '../log/index.ts'
import {
  type Authority,
  createSpace,
  decodeWrap,
  directSpaceId,
  epochCommitment,
  newEpochKey,
  openWrap,
  removeToBody,
  sealEpochKey,
  selfSpaceId
} from './index.ts'

const crypto = webCrypto()
const at = 1_760_000_000_000
const seed = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const [lower, higher] = [seed(1), seed(2)] as const
const third = seed(3)
const keeper = crypto.signer(seed(11))
const admin = crypto.signer(seed(12))

/** Admin devices of the lower twin; others have none. */
const authority: Authority = {
  isAdmin: (twin, key) => sameBytes(twin, lower) && [keeper, admin].some(({ publicKey }) => sameBytes(publicKey, key))
}

const base = { decider: lower, signer: keeper, at, authority, crypto }
const group = () =>
  createSpace({ ...base, kind: 'group', name: 'Climbing', members: [{ twin: higher, role: 'writer' }] })

describe('epoch keys', () => {
  it('a wrap opens for its recipient only, and only with the key that was committed to', async () => {
    const { space, membership, key } = await group()
    const epoch = membership.view!.epoch!
    const device = crypto.unsealer(seed(21))
    const recipient = { twin: higher, device: 5, publicKey: device.publicKey }
    const wrap = decodeWrap(await sealEpochKey(key, epoch, space, recipient, crypto))
    expect(wrap).to.include({ epoch: 1, device: 5 })
    expect(await openWrap(wrap, epoch, device, crypto)).to.deep.equal(key)
    // Anything else about it is bound by the seal, so the label of a wrap is never believed
    const other = { ...epoch, record: seed(4) }
    expect(await openWrap(wrap, other, device, crypto)).to.equal(undefined)
    expect(await openWrap({ ...wrap, device: 6 }, epoch, device, crypto)).to.equal(undefined)
    expect(await openWrap({ ...wrap, twin: third }, epoch, device, crypto)).to.equal(undefined)
    expect(await openWrap({ ...wrap, space: third }, epoch, device, crypto)).to.equal(undefined)
    expect(await openWrap({ ...wrap, epoch: 2 }, epoch, device, crypto)).to.equal(undefined)
    expect(await openWrap(wrap, epoch, crypto.unsealer(seed(22)), crypto)).to.equal(undefined)
    const forged = decodeWrap(await sealEpochKey(newEpochKey(crypto), epoch, space, recipient, crypto))
    expect(await openWrap(forged, epoch, device, crypto)).to.equal(undefined)
  })

  it('any device that holds a key can wrap it to another of its twin', async () => {
    const { space, membership, key } = await group()
    const epoch = membership.view!.epoch!
    const [first, second] = [crypto.unsealer(seed(31)), crypto.unsealer(seed(32))] as const
    const one = await sealEpochKey(key, epoch, space, { twin: higher, device: 1, publicKey: first.publicKey }, crypto)
    const opened = await openWrap(decodeWrap(one), epoch, first, crypto)
    const to = { twin: higher, device: 2, publicKey: second.publicKey }
    const two = await sealEpochKey(opened!, epoch, space, to, crypto)
    expect(await openWrap(decodeWrap(two), epoch, second, crypto)).to.deep.equal(key)
  })

  it('decodeWrap() refuses what is malformed or too long', () => {
    const good = [1, seed(1), 1, seed(2), 1, seed(3), new Uint8Array(48)] as const
    expect(decodeWrap(encode(good)).epoch).to.equal(1)
    const bad = [
      [2, ...good.slice(1)],
      good.slice(0, 6),
      [...good, 1],
      [1, seed(1), 0, ...good.slice(3)],
      [1, seed(1), 1, seed(2), 65_536, ...good.slice(5)],
      [...good.slice(0, 6), new Uint8Array(300)]
    ]
    for (const items of bad) expect(() => decodeWrap(encode(items as never))).to.throw()
  })

  it('the commitment binds space, epoch and key', () => {
    const commitments = [
      epochCommitment(seed(1), 1, seed(9), crypto),
      epochCommitment(seed(2), 1, seed(9), crypto),
      epochCommitment(seed(1), 2, seed(9), crypto),
      epochCommitment(seed(1), 1, seed(8), crypto)
    ]
    expect(new Set(commitments.map(bytes => bytes.join())).size).to.equal(4)
  })
})

describe('frozen bytes of membership', () => {
  it('ids, records, commitments and wraps are what they were', async () => {
    const chosen = { ...crypto, randomBytes: (length: number) => new Uint8Array(length).fill(42) }
    const { space, membership, key } = await createSpace({
      ...base,
      crypto: chosen,
      kind: 'shared',
      name: 'Notebook',
      members: [{ twin: higher, role: 'reader' }]
    })
    await membership.decide('name', { name: 'Notes' }, keeper, at)
    const cuts = removeToBody({ number: 2, cuts: [{ device: 1, seq: 3, hash: seed(9) }] })
    await membership.decide('remove', cuts, keeper, at)
    await membership.takeOver(admin, at)
    const hex = {
      direct: bytesToHex(directSpaceId(lower, higher, crypto)),
      self: bytesToHex(selfSpaceId(lower, crypto)),
      shared: bytesToHex(space),
      commitment: bytesToHex(epochCommitment(space, 1, key, crypto)),
      records: membership.all().map(bytesToHex).join(' ')
    }
    const { frozen: known } = await frozen('membership', hex)
    expect(hex).to.deep.equal(known)
    const wrap = {
      wrap: bytesToHex(
        await sealEpochKey(
          key,
          membership.view!.epoch!,
          space,
          { twin: higher, device: 5, publicKey: crypto.unsealer(seed(21)).publicKey },
          crypto
        )
      )
    }
    // Sealing is random: what was sealed once must open for ever
    const kept = (await frozen('wrap', wrap)).frozen as typeof wrap
    const opened = await openWrap(
      decodeWrap(hexToBytes(kept.wrap)),
      membership.view!.epoch!,
      crypto.unsealer(seed(21)),
      crypto
    )
    expect(opened).to.deep.equal(key)
  })
})

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
