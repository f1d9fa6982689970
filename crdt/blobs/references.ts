import type { IndexRow } from '../documents/index.ts'
import type { Index, Space } from '../spaces/index.ts'
import { type BlobReference, bytesToReference, referenceToBytes } from './format.ts'

/**
 * Index rows by which references are counted (FORMATS §18). A document kind writes one beside whatever refers to a blob, in the
 * same batch, and removes it with it; so a count is never beside the truth, and no crash can come between the two.
 *
 *     /b/<address>/<what refers to it>        reference
 */
const prefix = '/b/'
const addressLength = 64

/** @param place names what refers to the blob, unique in the space and kind */
export function referenceRow(reference: BlobReference, place: string): IndexRow {
  return { key: `${prefix}${reference.address}/${place}`, value: referenceToBytes(reference) }
}

export function noReferenceRow({ address }: BlobReference, place: string): IndexRow {
  return { key: `${prefix}${address}/${place}` }
}

/** What a row says, `undefined` for a row of another sort. */
export function rowToReference({ key, value }: IndexRow): { address: string; reference?: BlobReference } | undefined {
  if (!key.startsWith(prefix)) return undefined
  const address = key.slice(prefix.length, prefix.length + addressLength)
  return { address, reference: value && bytesToReference(value) }
}

/** References of a space, all or to one blob, in the order of addresses. */
export async function* referencesIn(
  space: Pick<Space, 'index'>,
  kinds: readonly string[],
  address?: string
): AsyncGenerator<BlobReference> {
  const range = address === undefined ? { gte: prefix, lt: '/b0' } : rangeOf(address)
  for (const kind of kinds) {
    const index: Index = space.index(kind)
    for await (const row of index.iterate(range)) {
      const reference = rowToReference(row)?.reference
      if (reference !== undefined) yield reference
    }
  }
}

function rangeOf(address: string): { gte: string; lt: string } {
  return { gte: `${prefix}${address}/`, lt: `${prefix}${address}0` }
}
