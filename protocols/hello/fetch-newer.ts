import { equals } from 'uint8arrays/equals'
import type { DeviceDirectory, Head, TwinHead } from '../../crdt/identity/index.ts'
import type { createClient } from '../core/index.ts'
import type { HelloHead, HelloHeads, helloProtocol } from './protocol.ts'

export type HelloClient = ReturnType<typeof createClient<typeof helloProtocol>>

export interface FetchNewerInit {
  readonly client: HelloClient
  readonly directory: DeviceDirectory
  /** Twin that the peer has proved */
  readonly twin: Uint8Array
  /** What the peer says is the newest of its own list */
  readonly head: HelloHead
  /** The same of others */
  readonly heads: HelloHeads
  /** Twins that both know: of others, lists are not collected */
  readonly shared: readonly Uint8Array[]
}

/** Fetches the lists that a peer has newer. */
export async function fetchNewer(init: FetchNewerInit, options?: { signal?: AbortSignal }): Promise<void> {
  const { client, directory, twin, head, heads, shared } = init
  const known = [{ twin, head }, ...heads.filter(named => shared.some(both => equals(both, named.twin)))]
  for (const named of known) {
    const isKept = directory.get(named.twin) !== undefined
    if (isKept && directory.lacks(toTwinHead(named.twin, named.head))) {
      await fetchList(client, directory, named.twin, options)
    }
  }
}

async function fetchList(
  client: HelloClient,
  directory: DeviceDirectory,
  twin: Uint8Array,
  options?: { signal?: AbortSignal }
): Promise<void> {
  for (;;) {
    const before = directory.get(twin)?.head
    const { records, more } = await client.devices({ twin, have: before && toHelloHead(before) }, options)
    await directory.receive(twin, records)
    const after = directory.get(twin)?.head
    // Only progress goes on: a peer that always says more would hold us for ever
    if (!more || after === undefined || (before !== undefined && equals(after[2], before[2]))) return
  }
}

export function toHead({ term, seq, hash }: HelloHead): Head {
  return [term, seq, hash]
}

export function toHelloHead([term, seq, hash]: Head): HelloHead {
  return { term, seq, hash }
}

function toTwinHead(twin: Uint8Array, { term, seq, hash }: HelloHead): TwinHead {
  return [twin, term, seq, hash]
}
