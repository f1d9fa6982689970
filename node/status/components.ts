import type { DeviceDirectory } from '../../crdt/identity/index.ts'
import type { Spaces } from '../../crdt/index.ts'
import type { Contacts } from '../../protocols/contacts/index.ts'
import type { AnyProtocol, Client } from '../../protocols/core/index.ts'
import type { Home } from '../home/index.ts'
import type { Mesh } from '../mesh/index.ts'
import type { BackupInit, Hold, Setbacks } from '../recovery/index.ts'

/** What the twin knows of itself. */
export interface NodeComponents {
  readonly home: Home
  /** Twin id */
  readonly id: string
  /** Peer id of this device */
  readonly device: string
  readonly deviceNumber: number
  readonly startedAt: number
  readonly mesh: Mesh
  readonly spaces: Spaces
  readonly directory: DeviceDirectory
  readonly contacts: Contacts
  readonly capabilities: readonly AnyProtocol[]
  /** Twin id that a connected peer proved, if any */
  twinOf(peer: string): string | undefined
  /** Twin ids of connected peers that say that this device's certificate has run out */
  refusing(): readonly string[]
  isBootstrap(peer: string): boolean
  readonly hasBootstrap: boolean
  /** Calls this twin as its owner, in the process */
  client<P extends AnyProtocol>(protocol: P): Client<P>
  requestStop(): void
  readonly hold: Hold
  readonly setbacks: Setbacks
  readonly consoleUrl?: string
  /** What a backup is made of */
  readonly backup: BackupInit
}
