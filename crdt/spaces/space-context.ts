import type { Crypto } from '../crypto/index.ts'
import type { DocumentKind } from '../documents/index.ts'
import type { DeviceDirectory } from '../identity/index.ts'
import type { Membership } from '../membership/index.ts'
import type { GroupCommit, SpaceKeys, Store } from '../store/index.ts'
import type { KeyRing } from './key-ring.ts'
import type { LocalFacts } from './local-facts.ts'
import type { LogTable } from './log-table.ts'
import type { Quarantine } from './quarantine.ts'
import type { SpaceNews } from './space-news.ts'
import type { SpaceRecords } from './space-records.ts'
import type { Me, SpaceLogger } from './spaces.ts'

/** What the parts of one space share. */
export interface SpaceContext {
  readonly id: Uint8Array
  readonly me: Me
  readonly crypto: Crypto
  readonly directory: DeviceDirectory
  readonly store: Store
  readonly commit: GroupCommit
  readonly clock: () => number
  readonly log: SpaceLogger
  readonly keys: SpaceKeys
  readonly logs: LogTable
  readonly membership: Membership
  readonly keyRing: KeyRing
  readonly quarantine: Quarantine
  readonly kinds: ReadonlyMap<string, DocumentKind>
  readonly records: SpaceRecords
  readonly facts: LocalFacts
  readonly news: SpaceNews
  /** Devices of this twin whose disk this was (`SpacesInit.formerDevices`) */
  readonly former: readonly number[]
  /** Asks for a group commit that this space takes part in. */
  touch(): void
}

/** The kind of a document: what stands before the first '/' of its name. */
export function kindOf(document: string): string {
  const end = document.indexOf('/')
  return end < 0 ? document : document.slice(0, end)
}
