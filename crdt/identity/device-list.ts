import { equals } from 'uint8arrays/equals'
import type { Crypto, MaybePromise, Signer } from '../crypto/index.ts'
import type { Certificate } from './certificate.ts'
import { type Cut, cutsToBodies } from './cut-list.ts'
import { DecidedLog } from './decided-log.ts'
import type { DecidedRecord, Head } from './decided-record.ts'
import { type Device, type DeviceDecision, type DeviceListState, deviceRules, isAdmin, mayAdd } from './device-rules.ts'
import type { AppendResult, ForkProof } from './record-tree.ts'
import { isRevocation, type OpenedRevocation, openRevocation, sealRevocation } from './revocation.ts'

export interface DeviceListInit {
  /** Owner key of the twin */
  readonly twin: Uint8Array
  readonly crypto: Crypto
  /** Awaited with each envelope that is decided here before it counts, see `DecidedLogInit` */
  readonly beforeDecide?: (envelope: Uint8Array) => MaybePromise<void>
}

export type DeviceListResult =
  | AppendResult<DeviceDecision>
  /** A revocation that acts on sight was new */
  | { readonly outcome: 'revoked'; readonly number: number }

/** The devices of one twin, read off their decided log. Every record was verified before it counts. */
export class DeviceList {
  readonly twin: Uint8Array
  readonly #crypto: Crypto
  readonly #log: DecidedLog<DeviceListState, DeviceDecision>
  readonly #beforeDecide: (envelope: Uint8Array) => MaybePromise<void>
  /** Valid revocations by number, until the log has recorded them */
  readonly #revocations = new Map<number, OpenedRevocation>()

  constructor({ twin, crypto, beforeDecide = () => {} }: DeviceListInit) {
    this.twin = twin
    this.#crypto = crypto
    this.#beforeDecide = beforeDecide
    this.#log = new DecidedLog({ rules: deviceRules(twin, crypto), crypto, beforeDecide })
  }

  /** A list from its envelopes, in order. @throws {Error} when they do not make up a list of this twin */
  static async read(init: DeviceListInit, envelopes: Iterable<Uint8Array>): Promise<DeviceList> {
    const list = new DeviceList(init)
    for (const envelope of envelopes) await list.receive(envelope)
    if (list.head === undefined && list.proof === undefined)
      throw new Error('The device list of the twin is incomplete')
    return list
  }

  /** `undefined` before the first record, or when that one is disputed */
  get head(): Head | undefined {
    return this.#log.head
  }

  /** Hash of the first record that is on the list now: it changes with a restore on a bare machine. */
  get genesis(): Uint8Array | undefined {
    return this.#log.records[0]?.hash
  }

  /** Signing key of the device that decides now */
  get keeper(): Uint8Array | undefined {
    return this.#log.keeper
  }

  /** Set while the list is frozen: two records contradict each other, and the owner must take over. */
  get proof(): ForkProof | undefined {
    return this.#log.proof
  }

  /** All devices ever listed, revoked ones too, by number. */
  devices(): Device[] {
    return [...this.#devices().values()].sort((a, b) => a.number - b.number)
  }

  device(number: number): Device | undefined {
    return this.#devices().get(number)
  }

  byTransport(key: Uint8Array): Device | undefined {
    return this.#find('transport', key)
  }

  bySigning(key: Uint8Array): Device | undefined {
    return this.#find('signing', key)
  }

  /** Revoked on the list, or by an admin device's word that the keeper has not recorded yet. Unlisted counts as revoked. */
  isRevoked(number: number): boolean {
    const device = this.device(number)
    return device === undefined || device.isFormer === true || this.isRevokedByWord(number)
  }

  /** Whether it was revoked apart from being listed as one from before a restore, which older releases do not read. */
  isRevokedByWord(number: number): boolean {
    return this.device(number)?.revoked !== undefined || this.#revocations.has(number)
  }

  /** Whether such a word, not recorded yet, says that nothing counts that the device wrote. */
  isTakenBackByWord(number: number): boolean {
    return this.#revocations.get(number)?.undo === true
  }

  /** Whether this signing key belongs to a device that may administer the twin now. */
  isAdmin(signing: Uint8Array): boolean {
    const device = this.bySigning(signing)
    return device !== undefined && !this.isRevoked(device.number) && isAdmin(this.#devices(), signing)
  }

  /** Devices that only records which lost name, such as those from before a restore: for verifying their history. */
  formerDevices(): Device[] {
    const listed = this.devices()
    return this.#log
      .aside()
      .flatMap(({ body }) => certificatesOf(body))
      .filter(certificate => !listed.some(device => equals(device.certificate.signing, certificate.signing)))
      .map(certificate => ({ number: certificate.number, certificate }))
  }

  /** What was decided before the twin was restored on a bare machine, oldest first: none of it counts any more. */
  formerRecords(): DecidedRecord<DeviceDecision>[] {
    const [first] = this.#log.records
    if (first === undefined || first.prev !== undefined || first.body.type !== 'takeover') return []
    return this.#log.aside().filter(({ term }) => term < first.term)
  }

  /** Whether a certificate could be listed now. */
  mayAdd(certificate: Certificate): boolean {
    return mayAdd(this.#devices(), certificate, this.twin)
  }

  /** What somebody with this head lacks, outstanding revocations included. */
  since(head?: Head): Uint8Array[] {
    return [...this.#log.since(head), ...Array.from(this.#revocations.values(), ({ bytes }) => bytes)]
  }

  /** Whether it holds the record of this hash: a list that lacks one that was announced is an older one. */
  has(hash: Uint8Array): boolean {
    return this.#log.has(hash)
  }

  /** Everything to store. */
  all(): Uint8Array[] {
    return [...this.#log.all(), ...Array.from(this.#revocations.values(), ({ bytes }) => bytes)]
  }

  /** Devices as of an earlier head of this list. */
  devicesAt(head: Head): ReadonlyMap<number, Device> | undefined {
    return this.#log.stateAt(head)?.devices
  }

  /** Takes a record or a revocation from anywhere. Never throws on what others made. */
  async receive(envelope: Uint8Array): Promise<DeviceListResult> {
    if (isRevocation(envelope)) {
      const opened = await openRevocation(envelope, this.#crypto).catch(() => undefined)
      return opened === undefined ? { outcome: 'refused', reason: 'Malformed' } : this.#revoke(opened)
    }
    const result = await this.#log.append(envelope)
    this.#forgetRecorded()
    return result
  }

  /** As the keeper, list a device under a number that was never used; one from before a restore is revoked by the same record. */
  add(certificate: Uint8Array, signer: Signer, at: number, isFormer = false): Promise<DecidedRecord<DeviceDecision>> {
    return this.#log.propose('add', isFormer ? { certificate, former: true } : { certificate }, signer, at)
  }

  /** As the keeper, list a newer certificate of a device. */
  renew(certificate: Uint8Array, signer: Signer, at: number): Promise<DecidedRecord<DeviceDecision>> {
    return this.#log.propose('renew', { certificate }, signer, at)
  }

  /** As the keeper, revoke a device; what it wrote beyond the cuts stops counting. More cuts than one record holds go ahead of it. */
  async revoke(number: number, cuts: readonly Cut[], signer: Signer, at: number) {
    const bodies = cutsToBodies(cuts)
    for (const part of bodies.slice(0, -1)) await this.#log.propose('cuts', { number, cuts: part }, signer, at)
    const record = await this.#log.propose('revoke', { number, cuts: bodies.at(-1) }, signer, at)
    this.#forgetRecorded()
    return record
  }

  /**
   * As any admin device or the owner, revoke on sight. The keeper records it when it learns of it: with cuts, after `undo` at nothing.
   *
   * @throws {Error} when the signer may not
   */
  async revokeOnSight(number: number, signer: Signer, at: number, undo?: true): Promise<Uint8Array> {
    const bytes = await sealRevocation({ twin: this.twin, number, at, undo }, signer)
    const opened = await openRevocation(bytes, this.#crypto)
    if (!this.#mayRevoke(opened)) throw new Error('Only the owner or a listed admin device revokes a listed device')
    await this.#beforeDecide(bytes)
    this.#revoke(opened)
    return bytes
  }

  /**
   * As the owner, make `keeper` decide from here on; `devices` are listed with it.
   *
   * @param at ms since 1970; the term is at least its seconds, so that a restore elsewhere cannot outrank it by age
   */
  takeOver(
    keeper: Uint8Array,
    owner: Signer,
    at: number,
    devices: readonly Uint8Array[] = []
  ): Promise<DecidedRecord<DeviceDecision>> {
    const body = devices.length === 0 ? {} : { devices: devices.map(certificate => ({ certificate })) }
    return this.#log.takeOver({ keeper, signer: owner, body, term: Math.floor(at / 1000), at })
  }

  #devices(): ReadonlyMap<number, Device> {
    return this.#log.state?.devices ?? new Map()
  }

  #find(key: 'transport' | 'signing', value: Uint8Array): Device | undefined {
    for (const device of this.#devices().values()) if (equals(device.certificate[key], value)) return device
    return undefined
  }

  // Judged by the list alone, not by other revocations: two admins who revoke each other are both revoked, in whatever order it is heard
  #mayRevoke({ twin, number, signer }: OpenedRevocation): boolean {
    if (!equals(twin, this.twin) || this.device(number) === undefined) return false
    // Whoever took a device may have it from before a restore: it shuts out nobody
    if (this.bySigning(signer)?.isFormer === true) return false
    return equals(signer, twin) || isAdmin(this.#devices(), signer)
  }

  #revoke(revocation: OpenedRevocation): DeviceListResult {
    const { number, undo } = revocation
    if (!this.#mayRevoke(revocation)) return { outcome: 'refused', reason: 'NotAuthority' }
    // Of two words the one that takes back, in whatever order they are heard
    const isMore = undo === true && this.device(number)?.revoked === undefined && !this.isTakenBackByWord(number)
    if (this.isRevokedByWord(number) && !isMore) return { outcome: 'known' }
    this.#revocations.set(number, revocation)
    return { outcome: 'revoked', number }
  }

  #forgetRecorded(): void {
    for (const number of this.#revocations.keys()) {
      if (this.device(number)?.revoked !== undefined) this.#revocations.delete(number)
    }
  }
}

export function certificatesOf(decision: DeviceDecision) {
  if (decision.type === 'takeover') return decision.devices.map(({ certificate }) => certificate)
  return 'certificate' in decision ? [decision.certificate] : []
}
