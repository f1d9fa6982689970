import { equals } from 'uint8arrays/equals'
import type { Crypto, MaybePromise } from '../crypto/index.ts'
import { bytesToHex } from '../log/index.ts'
import { DeviceList } from './device-list.ts'

/** Where device lists are kept: a few hundred bytes a record, envelopes in order. Trusted with order and presence only. */
export interface DeviceListStore {
  get(twin: Uint8Array): MaybePromise<readonly Uint8Array[] | undefined>
  /** Resolves when it is on disk */
  put(twin: Uint8Array, envelopes: readonly Uint8Array[]): MaybePromise<void>
}

/** Newest known list of one twin, as peers tell each other. */
export type TwinHead = readonly [twin: Uint8Array, term: number, seq: number, hash: Uint8Array]

export interface DirectoryChange {
  readonly list: DeviceList
  /** Numbers that are revoked, or unlisted though they were live, and were not before: their connections are to be closed */
  readonly revoked: readonly number[]
  /** The list has just been frozen by two records that contradict each other: tell the owner */
  readonly isFrozen: boolean
}

export type DirectoryAnswer = 'newer' | 'same' | 'older' | 'refused'

export interface DeviceDirectoryInit {
  readonly crypto: Crypto
  readonly store: DeviceListStore
}

/** The newest verified device list of every twin we know. What it has accepted is on disk before anybody is told. */
export class DeviceDirectory {
  readonly #crypto: Crypto
  readonly #store: DeviceListStore
  readonly #lists = new Map<string, DeviceList>()
  /** Whoever was asked for last: every write asks for the same one. Ids are never changed in place */
  #asked: { readonly twin: Uint8Array; readonly text: string } | undefined
  /** Lists by the transport keys they name or once named */
  readonly #transports = new Map<string, Set<DeviceList>>()
  /** One change at a time for each twin */
  readonly #queues = new Map<string, Promise<unknown>>()
  readonly #listeners = new Set<(change: DirectoryChange) => void>()

  constructor({ crypto, store }: DeviceDirectoryInit) {
    this.#crypto = crypto
    this.#store = store
  }

  /** The list if it was loaded or received since the start, see `load`. */
  get(twin: Uint8Array): DeviceList | undefined {
    if (this.#asked?.twin !== twin) this.#asked = { twin, text: bytesToHex(twin) }
    return this.#lists.get(this.#asked.text)
  }

  /**
   * The lists that name a device by its libp2p identity. Several, if the device agreed to belong to several twins: it has to say
   * which one it speaks for.
   */
  withTransport(key: Uint8Array): DeviceList[] {
    const lists: DeviceList[] = []
    for (const list of this.#transports.get(bytesToHex(key)) ?? []) {
      if (list.byTransport(key) !== undefined) lists.push(list)
    }
    return lists
  }

  /**
   * The list from the store, verified again.
   *
   * @throws {Error} when the stored one does not verify
   */
  load(twin: Uint8Array): Promise<DeviceList | undefined> {
    return this.#inTurn(twin, () => this.#load(twin))
  }

  /** Keep a list that was made here, with `createDeviceList` or `restoreDeviceList`; answers the one that is kept. */
  async adopt(list: DeviceList): Promise<DeviceList> {
    const answer = await this.receive(list.twin, list.all())
    const kept = this.get(list.twin)
    if (answer === 'refused' || kept === undefined) throw new Error('The device list is not accepted')
    return kept
  }

  /** Newest heads of those of the twins that are known. */
  heads(twins: Iterable<Uint8Array>): TwinHead[] {
    const heads: TwinHead[] = []
    for (const twin of twins) {
      const head = this.get(twin)?.head
      if (head !== undefined) heads.push([twin, ...head])
    }
    return heads
  }

  /** Whether a head that a peer names is one we should ask for. Says nothing about what is true: only records do. */
  lacks([twin, term, seq, hash]: TwinHead): boolean {
    const head = this.get(twin)?.head
    if (head === undefined) return true
    if (head[0] !== term) return term > head[0]
    return head[1] !== seq ? seq > head[1] : !equals(hash, head[2])
  }

  /** Records and revocations of a twin from anywhere, in order. Never throws on what others made, only when the store fails. */
  receive(twin: Uint8Array, envelopes: Iterable<Uint8Array>): Promise<DirectoryAnswer> {
    return this.#inTurn(twin, async () => {
      const known = await this.#load(twin)
      const list = known ?? this.#create(twin)
      const before = numbersOf(list)
      const wasFrozen = list.proof !== undefined
      const former = list.formerRecords().length
      let answer: DirectoryAnswer = 'same'
      for (const envelope of envelopes) {
        const { outcome } = await list.receive(envelope)
        if (outcome === 'added' || outcome === 'frozen' || outcome === 'revoked') answer = 'newer'
        else if (outcome === 'lost' && answer === 'same') answer = 'older'
        else if (outcome === 'refused' && answer !== 'newer') answer = 'refused'
      }
      if (answer === 'newer' || answer === 'older') await this.#save(list)
      // A restored device that is brought what was before lists those devices again
      if (answer === 'newer' || list.formerRecords().length > former) {
        this.#keep(list)
        this.#announce(list, before, wasFrozen)
      }
      return answer
    })
  }

  /** Runs a decision on a list, such as `list.add(…)`; what it decides is on disk before it counts, and announced after. */
  decide<T>(twin: Uint8Array, change: (list: DeviceList) => Promise<T>): Promise<T> {
    return this.#inTurn(twin, async () => {
      const list = await this.#load(twin)
      if (list === undefined) throw new Error('There is no device list of this twin yet')
      const before = numbersOf(list)
      const wasFrozen = list.proof !== undefined
      const result = await change(list)
      this.#keep(list)
      this.#announce(list, before, wasFrozen)
      return result
    })
  }

  /** Called after a list has changed. Answers how to stop listening. */
  onChange(listener: (change: DirectoryChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #load(twin: Uint8Array): Promise<DeviceList | undefined> {
    const known = this.get(twin)
    if (known !== undefined) return known
    const stored = await this.#store.get(twin)
    if (stored === undefined) return undefined
    const list = this.#create(twin)
    for (const envelope of stored) {
      const { outcome } = await list.receive(envelope)
      if (outcome === 'refused') throw new Error('The stored device list does not verify: restore a backup')
    }
    this.#keep(list)
    return list
  }

  #keep(list: DeviceList): void {
    this.#lists.set(bytesToHex(list.twin), list)
    for (const { certificate } of list.devices()) {
      const key = bytesToHex(certificate.transport)
      this.#transports.set(key, (this.#transports.get(key) ?? new Set()).add(list))
    }
  }

  async #save(list: DeviceList): Promise<void> {
    try {
      await this.#store.put(list.twin, list.all())
    } catch (cause) {
      // What is not on disk must not be passed on: read it again before it is used
      this.#lists.delete(bytesToHex(list.twin))
      for (const { certificate } of list.devices())
        this.#transports.get(bytesToHex(certificate.transport))?.delete(list)
      throw new Error('The device list could not be stored', { cause })
    }
  }

  #create(twin: Uint8Array): DeviceList {
    const list = new DeviceList({
      twin,
      crypto: this.#crypto,
      beforeDecide: envelope => this.#store.put(twin, [...list.all(), envelope])
    })
    return list
  }

  #announce(list: DeviceList, before: Numbers, wasFrozen: boolean): void {
    const now = numbersOf(list)
    const revoked = [...new Set([...before.live, ...now.revoked])].filter(
      number => list.isRevoked(number) && !before.revoked.includes(number)
    )
    const isFrozen = !wasFrozen && list.proof !== undefined
    for (const listener of this.#listeners) listener({ list, revoked, isFrozen })
  }

  #inTurn<T>(twin: Uint8Array, run: () => Promise<T>): Promise<T> {
    const key = bytesToHex(twin)
    const turn = (this.#queues.get(key) ?? Promise.resolve()).then(run)
    const settled = turn.catch(() => {})
    this.#queues.set(key, settled)
    void settled.then(() => {
      if (this.#queues.get(key) === settled) this.#queues.delete(key)
    })
    return turn
  }
}

interface Numbers {
  readonly live: readonly number[]
  readonly revoked: readonly number[]
}

function numbersOf(list: DeviceList): Numbers {
  const all = list.devices().map(({ number }) => number)
  return { live: all.filter(number => !list.isRevoked(number)), revoked: all.filter(number => list.isRevoked(number)) }
}
