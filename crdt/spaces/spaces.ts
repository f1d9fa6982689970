import type { Crypto, Signer, Unsealer } from '../crypto/index.ts'
import type { DocumentKind, SpaceKind } from '../documents/index.ts'
import type { DeviceDirectory } from '../identity/index.ts'
import type { LogId } from '../log/index.ts'
import type { Database } from '../store/index.ts'
import type { OwnHeads } from './own-heads.ts'
import type { Replica } from './replica.ts'
import type { Role, Space } from './space.ts'

export type { Database }

/** The device that writes. */
export interface Me {
  readonly twin: Uint8Array
  readonly device: number
  /** The device's signing key. */
  readonly signer: Signer
  readonly unsealer: Unsealer
  /** X25519 key of the phrase; epoch keys of `self` are wrapped to it too. */
  readonly recovery?: Uint8Array
  /** While a twin is restored: opens what is wrapped to `recovery`. */
  readonly phrase?: Unsealer
}

export interface SpacesInit {
  readonly me: Me
  readonly db: Database
  readonly crypto: Crypto
  readonly directory: DeviceDirectory
  readonly kinds: readonly DocumentKind[]
  /** ms since 1970, default Date.now */
  readonly clock?: () => number
  readonly log?: SpaceLogger
  /** Whether this twin may offer spaces (a contact); default nobody but the own twin. */
  readonly mayOffer?: (twin: Uint8Array) => boolean
  /** Whether an offered space is opened without asking; default none. */
  readonly autoAccept?: (kind: SpaceKind, decider: Uint8Array) => boolean
  /**
   * Whether a space of the own twin is kept here without being asked for; default all. Of others only the members are known until
   * `accept`, and to accept them here says nothing to the other devices that those did not know.
   */
  readonly replicates?: (kind: SpaceKind, policy: string) => boolean
  /** How far a log is in a mailbox of a member, by receipts that hold; default nowhere. Changes are told by `noteDelivery`. */
  readonly inMailbox?: (space: Uint8Array, log: LogId, twin: Uint8Array) => number
  /**
   * Devices of this twin whose disk this was. As the keeper of the device list this device revokes them on sight, takes from everybody
   * what they hold of them, and records where they end once all were met; what that takes out is written again by this device, with
   * what others had of another history of them.
   */
  readonly formerDevices?: readonly number[]
  /** Makes the private space if it is not there; by default on a first or restored device, others get it by sync. */
  readonly createSelf?: boolean
  /**
   * Whether the disk has room enough to open the database again; asked after a failed write. While it has none, the database is
   * left open for readers. By default opening is tried.
   */
  readonly hasRoom?: () => Promise<boolean>
  /**
   * Shows what is written after a start to nobody until a peer has sent all it has of this device's log, so that a disk that was set
   * back makes no second history. Needs a sync session that tells the replica what it hears; default false.
   */
  readonly asksFirst?: boolean
  /** Writes the index anew from the logs, as after a restore, which brings none. */
  readonly rebuildIndex?: boolean
  /** Runs a function when the current tick is over, so that its edits share an entry; give `setImmediate` where there is one. */
  readonly defer?: (run: () => void) => void
  /** The same for what is typed, here or elsewhere: give what waits for the screen where there is one. Default `defer`. */
  readonly deferTyped?: (run: () => void) => void
  /**
   * Given what stores what was typed, answers a function that is called for each letter, and runs that in a moment, so that letters share an
   * entry. Only what others are shown before they have it waits so (see `LiveText.awareness`); by default nothing does.
   */
  readonly gatherTyped?: (store: () => void) => () => void
  /** What documents in memory may take over all spaces, in bytes of their updates; those in use stay whatever they take. */
  readonly maxOpenBytes?: number
  /** For how long a device may lack entries before others drop them and give it a snapshot; default 30 days (ms). */
  readonly absentMs?: number
}

export interface SpaceLogger {
  debug(message: string, ...details: unknown[]): void
  info(message: string, ...details: unknown[]): void
  warn(message: string, ...details: unknown[]): void
  error(message: string, ...details: unknown[]): void
}

export interface SpacesEvents {
  /** A contact offers a space: `accept` it or leave it. */
  offer: { readonly space: Space }
  open: { readonly space: Space }
  change: { readonly space: Space }
  delivery: { readonly space: Space }
  /** The disk had been set back: entries of this device came back from others, and what was written meanwhile was written again behind them. */
  restored: { readonly space: Space; readonly returned: number; readonly resubmitted: number }
  /** A write failed; the store was closed and is being opened again. Nothing acknowledged is lost. */
  fence: { readonly cause: unknown }
  /** Two different entries under one number: the log is frozen, both runs are kept. */
  fork: {
    readonly space: Space
    readonly twin: Uint8Array
    readonly device: number
    readonly proof: readonly [Uint8Array, Uint8Array]
  }
}

/** All spaces of a device, in one store. */
export interface Spaces {
  readonly self: Space
  /** What sync sessions talk to. */
  readonly replica: Replica
  /** For a witness of the own logs. */
  readonly ownHeads: OwnHeads
  /** What documents in memory take, in bytes of their updates. */
  readonly openBytes: number
  get(id: Uint8Array): Space | undefined
  list(): Space[]
  /** A space of which this twin decides who is a member. Devices of the members must be known. */
  create(init: {
    readonly kind: 'group' | 'shared'
    readonly name: string
    /** See `Space.policy`, at most 64 bytes; default empty */
    readonly policy?: string
    readonly members: readonly { twin: Uint8Array; role?: Role }[] | readonly Uint8Array[]
  }): Promise<Space>
  /** The conversation with a contact; the lower twin id makes it, for the other it is undefined until it was synced. */
  direct(twin: Uint8Array): Promise<Space | undefined>
  accept(id: Uint8Array): Promise<Space>
  /**
   * Makes a twin a member, or gives a member another role. Whoever may not write any more is cut where this device has got to, as by a removal.
   *
   * @throws {SpaceError} `not-keeper` when another device decides
   */
  addMember(space: Space, twin: Uint8Array, role?: Role): Promise<void>
  /**
   * Removes a member: what its devices wrote counts up to what is here, and what is written from now on it cannot read.
   *
   * @throws {SpaceError} `not-keeper` when another device decides
   */
  removeMember(space: Space, twin: Uint8Array): Promise<void>
  /**
   * Revokes a device of this twin. `on-sight`: another device keeps the device list and will record it; everybody who hears of it
   * refuses the device at once.
   *
   * @param owner the owner key, which makes this device the keeper of the device list
   */
  revokeDevice(number: number, owner?: Signer): Promise<'recorded' | 'on-sight'>
  /**
   * Revokes a device that was paired less than a week ago and should not have been. Nothing that it wrote counts any more, in any space;
   * what others wrote does, also on top of it. `on-sight`: it is shut out, and what it wrote counts until the keeper of the list has that.
   */
  takeBackDevice(number: number): Promise<'recorded' | 'on-sight'>
  rename(space: Space, name: string): Promise<void>
  /** What `inMailbox` answers about a log has changed. */
  noteDelivery(space: Uint8Array, log: LogId): void
  /** Whether this device decides who belongs to the space. */
  isKeeper(space: Space): boolean
  /**
   * Resolves when a write that leaves nothing behind was on synced storage.
   *
   * @throws {StoreError} with a sentence for the owner when the store takes no writes
   */
  probe(): Promise<void>
  on<K extends keyof SpacesEvents>(event: K, listener: (detail: SpacesEvents[K]) => void): () => void
  start(): Promise<void>
  /** Waits until all that was written is on synced storage. */
  stop(): Promise<void>
}
