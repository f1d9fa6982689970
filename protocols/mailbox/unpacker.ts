import { equals } from 'uint8arrays/equals'
import type { Crypto, Signer, Unsealer } from '../../crdt/crypto/index.ts'
import type { DeviceDirectory } from '../../crdt/identity/index.ts'
import type { OwnHead, Replica } from '../../crdt/index.ts'
import { bytesToHex, decodeRun, type LogId, lastOf } from '../../crdt/log/index.ts'
import { type Logger, ProtocolError } from '../core/index.ts'
import { contentKinds, type Delivery, openDelivery, type SpacePart } from './delivery.ts'
import { type Knock, openKnock } from './knock.ts'
import { openContent } from './open-content.ts'
import { openNote } from './own-note.ts'
import { openParcel, ParcelError } from './sealed-parcel.ts'

export interface UnpackerComponents {
  readonly me: LogId & { readonly signer: Pick<Signer, 'publicKey'>; readonly unsealer: Unsealer }
  /** Transport key of this device */
  readonly box: Uint8Array
  readonly replica: Replica
  readonly directory: DeviceDirectory
  readonly crypto: Crypto
  readonly isContact: (twin: Uint8Array) => boolean
  /** A stranger's first message; rejects with `PermissionDenied` or `InvalidArgument` when it is never taken, else it waits */
  readonly onKnock: (knock: Knock, records: readonly Uint8Array[]) => Promise<unknown>
  readonly log: Logger
}

/** Entries that have to be on synced storage before a parcel may be forgotten. */
export interface Need {
  readonly space: Uint8Array
  readonly log: LogId
  readonly seq: number
}

/** What came of a parcel. */
export interface Unpacked {
  /** What it waits for; nothing when there is no more use for it */
  readonly needs: readonly Need[]
  /** Entries came before what they build on, and there was no room to keep them: the same parcel is taken once more is here */
  readonly isEarly?: boolean
  /** A note of this device */
  readonly note?: readonly OwnHead[]
}

/** Answers to a knock that it gets whenever it comes. */
const finalAnswers: readonly string[] = ['PermissionDenied', 'InvalidArgument']

/** Refusals after which the same run is never taken. */
const final: readonly string[] = ['malformed', 'signature', 'membership', 'fork', 'chain']

/** Hands what is in parcels to the replica, exactly as if it came by sync: it is verified there, and taken once. */
export class Unpacker {
  readonly #components: UnpackerComponents

  constructor(components: UnpackerComponents) {
    this.#components = components
  }

  /** Rejects when it is to be tried again as it is, which a note never is. */
  async unpack(parcel: Uint8Array): Promise<Unpacked> {
    const { me, box, log } = this.#components
    let opened: ReturnType<typeof openContent>
    try {
      opened = openContent(await openParcel(parcel, box, me.unsealer))
    } catch (error) {
      // Altered, or never meant for us: no later try would open it
      log.debug('A parcel does not open: %o', error)
      return { needs: [] }
    }
    const { kind, envelope, body } = opened
    if (kind === contentKinds.delivery) return this.#takeDelivery(envelope, body)
    if (kind === contentKinds.knock) await this.#takeKnock(envelope, body)
    if (kind === contentKinds.note) return await this.#takeNote(envelope, body)
    return { needs: [] }
  }

  hasAll(needs: readonly Need[]): boolean {
    const { replica } = this.#components
    return needs.every(({ space, log, seq }) =>
      (replica.space(space)?.frontier() ?? []).some(
        ([twin, device, held]) => device === log.device && held >= seq && equals(twin, log.twin)
      )
    )
  }

  async #takeDelivery(envelope: Uint8Array, body: Uint8Array): Promise<Unpacked> {
    const { me, isContact, log } = this.#components
    let read: { from: LogId; delivery: Delivery }
    try {
      read = await openDelivery(envelope, body, this.#components)
    } catch (error) {
      // Its author's devices could not be looked up
      if (!(error instanceof ParcelError)) throw error
      log.debug('A delivery does not verify: %o', error)
      return { needs: [] }
    }
    const { from, delivery } = read
    if (!equals(from.twin, me.twin) && !isContact(from.twin)) return { needs: [] }
    const needs: Need[] = []
    let isEarly = false
    await this.#takeDevices(delivery)
    for (const part of delivery.spaces) {
      const taken = await this.#takePart(part, from)
      needs.push(...taken.needs)
      isEarly ||= taken.isEarly === true
    }
    return { needs, isEarly }
  }

  /** Only of authors of what came with it, and newer ones of twins that are known: a contact may not fill the directory. */
  async #takeDevices({ devices, spaces }: Delivery): Promise<void> {
    const { replica, directory } = this.#components
    const authors = new Set(spaces.flatMap(({ runs }) => runs.map(({ log }) => bytesToHex(log.twin))))
    for (const { twin, records } of devices) {
      const isWanted = authors.has(bytesToHex(twin)) || (await directory.load(twin)) !== undefined
      if (isWanted) await replica.receiveDevices(twin, records, replica.self)
    }
  }

  async #takePart({ space, records, wraps, runs }: SpacePart, from: LogId): Promise<Unpacked> {
    const { replica, log } = this.#components
    if (records.length > 0 || wraps.length > 0) {
      const { refused } = await replica.receiveRecords(space, records, wraps, from)
      if (refused !== undefined) log.debug('Members from a parcel were refused: %s', refused)
    }
    const needs = readNeeds(space, runs)
    if (needs === undefined) return { needs: [] }
    const { refused } = await replica.receiveRuns(space, runs, from)
    if (refused !== undefined) {
      // The store took nothing of it
      if (refused.code === 'failed') throw new Error(refused.reason)
      log.debug('Entries from a parcel were refused: %s', refused.reason)
      if (final.includes(refused.code)) return { needs: [] }
    }
    return { needs, isEarly: refused?.code === 'budget' }
  }

  async #takeNote(envelope: Uint8Array, body: Uint8Array): Promise<Unpacked> {
    const { me, box, crypto, log } = this.#components
    try {
      return { needs: [], note: await openNote(envelope, body, me, box, crypto) }
    } catch (error) {
      log.debug('A note is not taken: %o', error)
      return { needs: [] }
    }
  }

  async #takeKnock(envelope: Uint8Array, body: Uint8Array): Promise<void> {
    const { me, crypto, onKnock, log } = this.#components
    let read: { knock: Knock; records: Uint8Array[] }
    try {
      read = await openKnock(envelope, body, { to: me.twin, crypto })
    } catch (error) {
      log.debug('A knock does not verify: %o', error)
      return
    }
    try {
      await onKnock(read.knock, read.records)
    } catch (error) {
      // The owner has to decide about others first, or the store takes nothing now
      if (!(error instanceof ProtocolError && finalAnswers.includes(error.code))) throw error
      log.debug('A knock is not taken: %o', error)
    }
  }
}

/** What the runs bring; undefined when one is malformed: then none is taken. */
function readNeeds(space: Uint8Array, runs: SpacePart['runs']): Need[] | undefined {
  try {
    return runs.map(({ log, run }) => ({ space, log, seq: lastOf(decodeRun(run)) }))
  } catch {
    return undefined
  }
}
