import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import type { AnyProtocol, Client } from '../../protocols/core/index.ts'

/** The way to the own twin, shortest first. */
export type ConsolePath = 'loopback' | 'lan' | 'public' | 'hole-punched' | 'relayed'

/** A shared text that is open in this browser. */
export interface LiveText {
  /** Another one after `onReplaced` */
  readonly text: Y.Text
  /** Who else is there, under the names that this twin has for them */
  readonly awareness: Awareness
  /** What somebody present types and has not arrived, and where of the text it is to be shown */
  typedBy(client: number): readonly { readonly index: number; readonly text: string }[]
  readonly isWritable: boolean
  /** Whether somebody present, by their number in the awareness, is connected with this browser and not only through twins */
  isDirect(client: number): boolean
  /** Called when that may be another now */
  onPeers(listener: () => void): () => void
  onReplaced(listener: () => void): () => void
  /** `unsaved`: typed and not stored, for now */
  readonly state: 'saved' | 'saving' | 'unsaved'
  onState(listener: () => void): () => void
  close(): void
}

export type Trouble = 'storage-lost' | 'revoked' | 'expired' | 'shut-out'

/** All that the console knows of a twin: the light peer is one. */
export interface ConsoleTwin {
  readonly id: string
  /** Peer id of this browser */
  readonly device: string
  readonly deviceNumber: number
  client<P extends AnyProtocol>(protocol: P): Client<P>
  /** Undefined while the twin is not reached: what is kept here can be read and written all the same */
  path(): ConsolePath | undefined
  /** What was written here and no other device has yet: it would be lost with this browser */
  unsynced(): number
  /** Why this browser is none of the twin's devices any more */
  trouble(): Trouble | undefined
  /** Keeps nothing once the page is closed */
  readonly isBorrowed: boolean
  /** Looks, and writes nothing */
  readonly isViewOnly: boolean
  /** When a visit over plain http is over; ms since 1970 */
  readonly visitUntil: number | undefined
  /** Called when any of these is another now */
  onChange(listener: () => void): () => void
  openText(note: string): Promise<LiveText>
  /** Forgets everything that this browser keeps */
  forget(): Promise<void>
  stop(): Promise<void>
}

/** Six digits that are typed at the twin, or three words that it shows as well. */
export interface PairingCode {
  readonly kind: 'digits' | 'words'
  readonly text: string
  /** There when the twin is on another machine, whose link may be anybody's: called once the person sees the same words there */
  readonly confirm?: () => void
}

export interface ConnectInit {
  /** What other devices see in the device list */
  readonly name: string
  /** Keeps nothing once the page is closed */
  readonly isBorrowed: boolean
  /** Told what the person compares or types on the other screen */
  readonly onCode: (code: PairingCode) => void
  readonly signal?: AbortSignal
}

/** How this page comes by a twin. */
export interface Entrance {
  /** The twin that this browser was connected with before, if it was; `lost` when what it kept is gone */
  open(): Promise<ConsoleTwin | 'lost' | undefined>
  /** Connects this browser as a new device, by a claim or pairing link */
  connect(link: string, init: ConnectInit): Promise<ConsoleTwin>
}
