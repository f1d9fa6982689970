import type { Crypto } from '../../crdt/crypto/index.ts'
import type { DeviceDirectory } from '../../crdt/identity/index.ts'
import type { Caller, CallerClass, Channel, Clock, Logger } from '../core/index.ts'
import type { OwnDevice } from './own-presentation.ts'
import type { HelloRefusal } from './protocol.ts'

type MaybePromise<T> = T | Promise<T>

/** What of a connection hello looks at: whom the channel has authenticated. */
export interface HelloConnection {
  readonly remotePeer: { toString(): string }
}

export interface HelloInit {
  /** This device; its twin's list is in the directory and names it */
  readonly me: OwnDevice
  readonly directory: DeviceDirectory
  readonly crypto: Crypto
  /** What another twin is to us. Asked at every call, so that a block acts at once. */
  readonly classOf: (twin: Uint8Array) => MaybePromise<Exclude<CallerClass, 'owner' | 'experience'>>
  /** Hash of a record that this twin's device list holds, as its invite said: an older list is not believed */
  readonly expectedHead?: (twin: Uint8Array) => Uint8Array | undefined
  /** Other twins that this one knows as we do, such as members of spaces with it: only of these are lists told. Default none. */
  readonly sharedWith?: (twin: Uint8Array) => MaybePromise<readonly Uint8Array[]>
  /** Told each time that a peer has proved who it is, whichever side said hello */
  readonly onCaller?: (peer: string, caller: Caller) => void
  /** Told after each hello said here whether the peer refuses this device, and why: something for the owner to act on */
  readonly onAnswer?: (peer: string, refused: HelloRefusal | undefined) => void
  /** Ends all connections with a peer whose device is revoked */
  readonly closePeer: (peer: string) => void
  /** A channel to whoever called us, to fetch lists that it has newer. Default: they come with the next sync. */
  readonly channelTo?: (peer: string) => Channel
  /** ms since 1970 */
  readonly now?: () => number
  readonly clock?: Clock
  readonly log?: Logger
}
