import type { DeviceDirectory } from '../../crdt/identity/index.ts'
import { type Channel, createClient } from '../core/index.ts'
import { toHead } from './fetch-newer.ts'
import { type OwnDevice, ownPresentation, pagesOf } from './own-presentation.ts'
import { helloProtocol } from './protocol.ts'

export interface FarewellInit {
  readonly me: OwnDevice
  readonly directory: DeviceDirectory
  /** To a device of the same twin */
  readonly channel: Channel
  /** Milliseconds for each answer */
  readonly patienceMs?: number
}

/**
 * Tells a device of the own twin what it lacks of the device list, whole, before its connection ends: nothing can be fetched
 * afterwards. A list that does not fit one hello goes in several, from where the device says that its own ends.
 *
 * @throws {ProtocolError} when it does not answer in time
 */
export async function sayFarewell({ me, directory, channel, patienceMs = 2000 }: FarewellInit): Promise<void> {
  const client = createClient(helloProtocol, channel)
  const present = (records: Uint8Array[]) =>
    client.present({ ...presentation, records }, { signal: AbortSignal.timeout(patienceMs) })
  const presentation = ownPresentation(me, directory, [], undefined)
  try {
    const { head } = await present(presentation.records)
    if (presentation.records.length > 0) return
    for (const records of pagesOf(directory.get(me.twin)!.since(toHead(head)))) await present(records)
  } finally {
    await client.close()
  }
}
