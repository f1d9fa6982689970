import { equals } from 'uint8arrays/equals'
import type { Crypto, Signer } from '../../crdt/crypto/index.ts'
import { DeviceList, openNodeHead } from '../../crdt/identity/index.ts'
import { type Channel, createClient } from '../core/index.ts'
import { type Knock, knockToContent } from './knock.ts'
import { bytesToMailbox } from './mailbox-address.ts'
import { mailboxProtocol, maxKnockBytes } from './protocol.ts'
import { openReceipt } from './receipt.ts'
import { sealParcel } from './sealed-parcel.ts'

export interface LeaveKnockInit {
  /** To the mailbox */
  readonly channel: Channel
  readonly mailbox: Uint8Array
  /** The twin that is meant, and the transport key of the device whose box it is */
  readonly to: Uint8Array
  readonly box: Uint8Array
  /** Hash of a record that the device list of that twin holds, by its invite */
  readonly expected?: Uint8Array
  readonly knock: Knock
  readonly signer: Signer
  /** The own device list */
  readonly records: readonly Uint8Array[]
  readonly crypto: Crypto
}

/**
 * Leaves a first message for a twin that is off. What the mailbox says about the box is verified from the twin's own key on: it can
 * neither name another inbox key nor another device.
 *
 * @throws {Error} when the mailbox does not take it, or shows what does not verify
 */
export async function leaveKnock(init: LeaveKnockInit, options: { signal: AbortSignal }): Promise<void> {
  const { channel, mailbox, to, box, expected, crypto } = init
  const client = createClient(mailboxProtocol, channel)
  try {
    const shown = await client.describe({ box }, options)
    const list = await DeviceList.read({ twin: to, crypto }, shown.records)
    if (expected !== undefined && !list.has(expected)) throw new Error('The device list is older than the invite')
    const { inbox, mailboxes } = await openNodeHead(shown.head, { list, crypto })
    const device = list.byTransport(box)
    const isItsOwn =
      device !== undefined && !list.isRevoked(device.number) && equals(device.certificate.encryption, inbox)
    const isNamed = mailboxes.some(bytes => equals(bytesToMailbox(bytes)?.key ?? new Uint8Array(), mailbox))
    if (!isItsOwn || !isNamed) throw new Error('The box is not one of the twin')
    const content = await knockToContent(init.knock, init.signer, to, init.records)
    const parcel = await sealParcel(content, { box, key: inbox }, crypto, maxKnockBytes)
    const { receipt } = await client.deposit({ box, parcel }, options)
    await openReceipt(receipt, { mailbox, box, hash: crypto.sha256(parcel), size: parcel.length }, crypto)
  } finally {
    await client.close()
  }
}
