/** What any mailbox must show, written against its client: devices that keep a box, and whoever leaves something in it. */
import { expect } from 'chai'
import type { SecretSigner } from '../../crdt/crypto/index.ts'
import { webCrypto } from '../../crdt/crypto/index.ts'
import type { Client } from '../core/index.ts'
import { sealAck } from './ack.ts'
import { tokenHash } from './deposit-token.ts'
import type { MailboxLimits } from './limits.ts'
import { type mailboxProtocol, maxKnockBytes } from './protocol.ts'
import { openReceipt } from './receipt.ts'

export interface MailboxDevice {
  /** Transport key, which the connection proves */
  readonly signer: SecretSigner
  readonly client: Client<typeof mailboxProtocol>
}

export interface MailboxWorld {
  /** Transport key of the mailbox */
  readonly key: Uint8Array
  /** Small ones, so that they can be reached */
  readonly limits: MailboxLimits
  /** A device that may keep a box */
  device(): MailboxDevice
  advance(ms: number): Promise<void>
  restart(): Promise<void>
  stop(): Promise<void>
}

const crypto = webCrypto()
const token = crypto.randomBytes(16)
const head = Uint8Array.of(1, 2, 3)
const parcelOf = (fill: number, size = 256) => new Uint8Array(size).fill(fill)

export default function mailboxCompliance(setup: () => Promise<MailboxWorld>): void {
  let world: MailboxWorld
  let ben: MailboxDevice
  let ann: MailboxDevice

  beforeEach(async () => {
    world = await setup()
    ;[ann, ben] = [world.device(), world.device()]
    await ben.client.open({ tokens: [tokenHash(token, crypto)], records: [head], head })
  })
  afterEach(() => world.stop())

  const box = () => ben.signer.publicKey
  const leave = (parcel: Uint8Array, by: Uint8Array | undefined = token, from = ann) =>
    from.client.deposit({ box: box(), parcel, ...(by !== undefined && { token: by }) })
  const knock = (parcel: Uint8Array, from = ann) => from.client.deposit({ box: box(), parcel })
  const collect = async (device = ben, after = 0) => {
    const items: { place: number; parcel: Uint8Array }[] = []
    for await (const item of device.client.collect({ after })) items.push(item)
    return items
  }
  const fills = async (device = ben) => (await collect(device)).map(({ parcel }) => parcel[0])
  const ackOf = (parcels: readonly Uint8Array[], signer = ben.signer, mailbox = world.key) =>
    sealAck({ mailbox, box: signer.publicKey, hashes: parcels.map(parcel => crypto.sha256(parcel)) }, signer)

  it('deposit() answers with a receipt that names mailbox, box, parcel and end, and collect() returns what was left in order', async () => {
    const { receipt } = await leave(parcelOf(1))
    await leave(parcelOf(2, 1024))
    const expected = { mailbox: world.key, box: box(), hash: crypto.sha256(parcelOf(1)), size: 256 }
    expect(await openReceipt(receipt, expected, crypto)).to.be.above(world.limits.mailboxLifetimeMs)
    const other = { ...expected, hash: crypto.sha256(parcelOf(3)) }
    expect(await failureOf(openReceipt(receipt, other, crypto))).to.equal('EnvelopeError')
    expect(await fills()).to.deep.equal([1, 2])
  })

  it('what has a receipt is there after a restart, in the same place, and stays until it is acknowledged', async () => {
    await leave(parcelOf(1))
    const [before] = await collect()
    await world.restart()
    expect(await collect()).to.deep.equal([before])
    expect(await ben.client.ack({ ack: await ackOf([parcelOf(1)]) })).to.deep.equal({ deleted: 1 })
    await world.restart()
    expect(await fills()).to.deep.equal([])
  })

  it('places grow, also when all that was there is gone and the mailbox was restarted', async () => {
    await leave(parcelOf(1))
    const place = (await collect())[0]!.place
    await ben.client.ack({ ack: await ackOf([parcelOf(1)]) })
    await world.restart()
    await world.advance(1)
    await leave(parcelOf(2))
    expect((await collect(ben, place)).map(({ parcel }) => parcel[0])).to.deep.equal([2])
  })

  it('deposit() refuses a wrong token in the words with which it refuses a box that is not there', async () => {
    const wrong = await errorOf(leave(parcelOf(1), crypto.randomBytes(16)))
    const nowhere = await errorOf(ann.client.deposit({ box: crypto.randomBytes(32), token, parcel: parcelOf(1) }))
    expect(wrong).to.deep.equal(nowhere)
    expect(wrong.code).to.equal('PermissionDenied')
    expect(await fills()).to.deep.equal([])
  })

  it('open() takes back the tokens that it does not name', async () => {
    await leave(parcelOf(1))
    const other = crypto.randomBytes(16)
    await ben.client.open({ tokens: [tokenHash(other, crypto)] })
    expect((await errorOf(leave(parcelOf(2)))).code).to.equal('PermissionDenied')
    await leave(parcelOf(3), other)
    expect(await fills()).to.deep.equal([1, 3])
  })

  it('a parcel that is left again is kept once, until the same time', async () => {
    const { receipt } = await leave(parcelOf(1))
    await world.advance(1000)
    const again = await leave(parcelOf(1))
    const expected = { mailbox: world.key, box: box(), hash: crypto.sha256(parcelOf(1)), size: 256 }
    expect(await openReceipt(again.receipt, expected, crypto)).to.equal(await openReceipt(receipt, expected, crypto))
    expect(await fills()).to.deep.equal([1])
  })

  it('deposit() refuses what is over the quota of a token, and keeps what it has', async () => {
    const count = Math.floor(world.limits.mailboxTokenBytes / 1024)
    for (let fill = 0; fill < count; fill++) await leave(parcelOf(fill, 1024))
    expect((await errorOf(leave(parcelOf(200, 1024)))).code).to.equal('ResourceExhausted')
    expect(await fills()).to.have.length(count)
    const other = crypto.randomBytes(16)
    await ben.client.open({ tokens: [tokenHash(token, crypto), tokenHash(other, crypto)] })
    await leave(parcelOf(201, 1024), other)
    expect(await fills()).to.have.length(count + 1)
  })

  it('what nobody collects is gone when its time is over', async () => {
    await leave(parcelOf(1))
    await world.advance(world.limits.mailboxLifetimeMs - 1000)
    expect(await fills()).to.deep.equal([1])
    await world.advance(2000)
    expect(await fills()).to.deep.equal([])
  })

  it('collect() shows a box to its device and to nobody else', async () => {
    await leave(parcelOf(1))
    expect((await errorOf(collect(ann))).code).to.equal('NotFound')
    await ann.client.open({ tokens: [] })
    expect(await fills(ann)).to.deep.equal([])
  })

  it('ack() believes the signature of the box alone, for this mailbox alone', async () => {
    await leave(parcelOf(1))
    for (const ack of [
      await ackOf([parcelOf(1)], ann.signer),
      await sealAck({ mailbox: world.key, box: box(), hashes: [crypto.sha256(parcelOf(1))] }, ann.signer),
      await ackOf([parcelOf(1)], ben.signer, crypto.randomBytes(32)),
      Uint8Array.of(1)
    ])
      expect((await errorOf(ben.client.ack({ ack }))).code).to.equal('InvalidArgument')
    expect(await fills()).to.deep.equal([1])
  })

  it('deposit() refuses a parcel that is not padded to one of the sizes', async () => {
    for (const size of [257, 1000, 4095]) {
      expect((await errorOf(leave(parcelOf(1, size)))).code, String(size)).to.equal('InvalidArgument')
    }
    expect(await fills()).to.deep.equal([])
  })

  it('describe() shows strangers what they need to knock, and nothing where nobody wants that', async () => {
    expect(await ann.client.describe({ box: box() })).to.deep.equal({ records: [head], head })
    await ben.client.open({ tokens: [] })
    expect((await errorOf(ann.client.describe({ box: box() }))).code).to.equal('NotFound')
    expect((await errorOf(knock(parcelOf(1)))).code).to.equal('PermissionDenied')
  })

  it('a knock is small, one a peer, and shares one small pool', async () => {
    expect((await errorOf(knock(parcelOf(1, 16_384)))).code).to.equal('TooLarge')
    await knock(parcelOf(1, maxKnockBytes))
    await knock(parcelOf(2, maxKnockBytes))
    expect(await fills()).to.deep.equal([2])
    const { mailboxKnocks } = world.limits
    for (let fill = 3; fill < mailboxKnocks + 2; fill++) await knock(parcelOf(fill), world.device())
    expect((await errorOf(knock(parcelOf(99), world.device()))).code).to.equal('ResourceExhausted')
    // Contacts are not in that pool
    await leave(parcelOf(100))
    expect(await fills()).to.have.length(mailboxKnocks + 1)
  })

  it('knocks from all strangers together have a rate', async () => {
    const { mailboxKnockRate } = world.limits
    const results: string[] = []
    for (let fill = 0; fill <= mailboxKnockRate; fill++) {
      results.push(
        await knock(parcelOf(fill)).then(
          () => 'taken',
          error => error.code
        )
      )
    }
    expect(results.filter(result => result === 'taken')).to.have.length(mailboxKnockRate)
    expect(results.at(-1)).to.equal('ResourceExhausted')
    await world.advance(60_000)
    expect(await knock(parcelOf(200)).then(() => 'taken')).to.equal('taken')
  })

  it('discard() deletes the box and all that is in it', async () => {
    await leave(parcelOf(1))
    expect(await ben.client.discard({})).to.deep.equal({ discarded: true })
    expect(await ben.client.discard({})).to.deep.equal({ discarded: false })
    await world.restart()
    expect((await errorOf(collect())).code).to.equal('NotFound')
    expect((await errorOf(leave(parcelOf(2)))).code).to.equal('PermissionDenied')
  })
}

async function errorOf(call: Promise<unknown>): Promise<{ code: string; message: string }> {
  return await call.then(
    () => ({ code: 'none', message: '' }),
    ({ code, message }) => ({ code, message })
  )
}

async function failureOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'none',
    ({ name }) => name
  )
}
