import type { DocumentKind } from '../documents/index.ts'

/** The document of `self` in which a twin's devices keep the epoch keys of all their spaces. */
export const keysDocument = 'keys'

/** Key of an epoch key, in the document and in the index. */
export function keyName(space: string, epoch: number): string {
  return `${space}/${epoch}`
}

/** Epoch keys of other spaces: whoever restores `self` can read them all. */
export const keysKind: DocumentKind = {
  kind: keysDocument,
  spaces: ['self'],
  roots: { keys: 'map' },
  writer: () => 'members',
  project: doc => {
    const keys = doc.getMap<unknown>('keys')
    return transaction =>
      [...(transaction.changed.get(keys as never) ?? [])].flatMap(key => {
        const value = key === null ? undefined : keys.get(key)
        return key !== null && value instanceof Uint8Array ? [{ key, value }] : []
      })
  }
}
