import { expect } from 'chai'
import { frozen } from '../../crdt/frozen.fixture.ts'
import { DeviceDirectory } from '../../crdt/identity/index.ts'
import { hexToBytes } from '../../crdt/log/index.ts'
import { crypto } from '../../crdt/spaces/replicas.fixture.ts'
import { sealAck } from './ack.ts'
import { deliveryToContent, openDelivery } from './delivery.ts'
import { depositToken, tokenHash } from './deposit-token.ts'
import { parcelToRow, rowToParcel, rowToTerms, termsToRow } from './hosted-box.ts'
import { bytesToMailbox, mailboxToBytes } from './mailbox-address.ts'
import { newsToRow, rowToNews } from './news-rows.ts'
import { openContent } from './open-content.ts'
import { noteToContent, openNote } from './own-note.ts'
import { parcelSizes } from './protocol.ts'
import { openReceipt, sealReceipt } from './receipt.ts'
import { openParcel, ParcelError, roomIn, sealParcel } from './sealed-parcel.ts'

const bytes = (fill: number, length = 32) => new Uint8Array(length).fill(fill)
const [mailbox, ben] = [crypto.signer(bytes(1)), crypto.signer(bytes(2))]
const unsealer = crypto.unsealer(bytes(3))
const box = ben.publicKey
const at = 1_790_000_000_000
const delivery = {
  devices: [{ twin: bytes(4), records: [bytes(5, 10)] }],
  spaces: [
    {
      space: bytes(6),
      records: [bytes(7, 10)],
      wraps: [bytes(8, 10)],
      runs: [{ log: { twin: bytes(9), device: 258 }, run: bytes(10, 20) }]
    }
  ]
}
const address = { key: mailbox.publicKey, addresses: [bytes(11, 8)] }
const parcelRow = { place: 5, hash: bytes(12), size: 256, expires: at, token: 'ab', peer: 'peer' }
const terms = { twin: 'twin', tokens: new Set(['ab', 'cd']), records: [bytes(13, 4)], head: bytes(14, 4), openedAt: at }

describe('formats of the mailbox', () => {
  it('what is signed, told and stored has the bytes that were frozen, and those still mean the same', async () => {
    const hash = bytes(12)
    const current = {
      token: depositToken(bytes(15), mailbox.publicKey, bytes(16), crypto),
      tokenHash: tokenHash(bytes(17, 16), crypto),
      receipt: await sealReceipt({ mailbox: mailbox.publicKey, box, hash, size: 256, expires: at }, mailbox),
      ack: await sealAck({ mailbox: mailbox.publicKey, box, hashes: [hash] }, ben),
      delivery: await deliveryToContent(delivery, { twin: bytes(18), device: 1, signer: ben }, box, crypto),
      address: mailboxToBytes(address),
      parcelRow: parcelToRow(parcelRow),
      boxRow: termsToRow(terms)
    }
    const vector = await frozen('mailbox-1', current, 'protocols/mailbox/vectors')
    expect(vector.current).to.deep.equal(vector.frozen)
    const read = (name: keyof typeof current) => hexToBytes((vector.frozen as Record<string, string>)[name]!)
    const expected = { mailbox: mailbox.publicKey, box, hash, size: 256 }
    expect(await openReceipt(read('receipt'), expected, crypto)).to.equal(at)
    expect(bytesToMailbox(read('address'))).to.deep.equal(address)
    expect(rowToParcel(5, read('parcelRow'))).to.deep.equal(parcelRow)
    expect(rowToTerms(read('boxRow'))).to.deep.equal(terms)
  })

  it('a note of a device to itself has the bytes that were frozen, and counts for this device and box alone', async () => {
    const me = { twin: bytes(18), device: 1, signer: ben }
    const heads = [{ space: bytes(6), seq: 7, hash: bytes(12) }]
    const vector = await frozen(
      'note-1',
      { note: await noteToContent(heads, me, box, crypto) },
      'protocols/mailbox/vectors'
    )
    expect(vector.current).to.deep.equal(vector.frozen)
    const { envelope, body } = openContent(hexToBytes((vector.frozen as { note: string }).note))
    expect(await openNote(envelope, body, me, box, crypto)).to.deep.equal(heads)
    const others = [
      openNote(envelope, body, { ...me, device: 2 }, box, crypto),
      openNote(envelope, body, { ...me, signer: mailbox }, box, crypto),
      openNote(envelope, body, me, mailbox.publicKey, crypto),
      openNote(envelope, body.slice(0, -1), me, box, crypto)
    ]
    for (const other of await Promise.allSettled(others)) expect(other.status).to.equal('rejected')
  })

  it('a row of who was told has the bytes that were frozen, and those still mean the same', async () => {
    const row = { mark: bytes(22), expires: at }
    const vector = await frozen('news-1', { row: newsToRow(row) }, 'protocols/mailbox/vectors')
    expect(vector.current).to.deep.equal(vector.frozen)
    expect(rowToNews(hexToBytes((vector.frozen as { row: string }).row))).to.deep.equal(row)
  })

  it('a parcel that was frozen opens, and each size holds what it should', async () => {
    const parcel = await sealParcel(bytes(19, 40), { box, key: unsealer.publicKey }, crypto)
    const vector = await frozen('parcel-1', { parcel }, 'protocols/mailbox/vectors')
    const { parcel: hex } = vector.frozen as { parcel: string }
    expect(await openParcel(hexToBytes(hex), box, unsealer)).to.deep.equal(bytes(19, 40))
    for (const size of parcelSizes) {
      const content = bytes(20, roomIn(size))
      const sealed = await sealParcel(content, { box, key: unsealer.publicKey }, crypto)
      expect(sealed).to.have.length(size)
      expect(await openParcel(sealed, box, unsealer)).to.deep.equal(content)
    }
  })

  it('a parcel of another box, with a changed byte, or cut to another size does not open', async () => {
    const parcel = await sealParcel(bytes(21, 400), { box, key: unsealer.publicKey }, crypto)
    const changed = parcel.slice()
    changed[500]! ^= 1
    const cases: [Uint8Array, Uint8Array][] = [
      [parcel, mailbox.publicKey],
      [changed, box],
      [parcel.slice(0, 256), box]
    ]
    for (const [bytes, of] of cases) {
      const error = await openParcel(bytes, of, unsealer).then(
        () => undefined,
        (error: Error) => error
      )
      expect(error).instanceOf(ParcelError)
    }
  })

  it('a delivery whose signer its twin does not list is refused', async () => {
    const content = await deliveryToContent(delivery, { twin: bytes(18), device: 1, signer: ben }, box, crypto)
    const { envelope, body } = openContent(content)
    const directory = new DeviceDirectory({ crypto, store: { get: () => undefined, put: () => {} } })
    const error = await openDelivery(envelope, body, { box, directory, crypto }).then(
      () => undefined,
      (error: Error) => error
    )
    expect(error).instanceOf(ParcelError)
  })
})
