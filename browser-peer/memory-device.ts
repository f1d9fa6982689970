import type { Crypto } from '../crdt/crypto/index.ts'
import { twinToText } from '../crdt/identity/index.ts'
import type { Device } from './device.ts'
import type { BrowserKeys } from './device-keys.ts'
import type { Identity } from './device-store.ts'

/** A device that keeps nothing: it ends with the page. */
export function memoryDevice(keys: BrowserKeys, crypto: Crypto): Device {
  let identity: Identity | undefined
  const lists = new Map<string, readonly Uint8Array[]>()
  return {
    keys,
    crypto,
    peer: twinToText(keys.transport.publicKey),
    isBorrowed: true,
    get identity() {
      return identity
    },
    adopt: async given => {
      identity = onlyOnce(identity, given)
    },
    learn: async nodes => {
      if (identity !== undefined) identity = { ...identity, nodes }
    },
    lists: {
      get: twin => lists.get(twinToText(twin)),
      put: (twin, envelopes) => {
        lists.set(twinToText(twin), envelopes)
      }
    },
    openDatabase: async () => (await import('./memory-database.ts')).memoryDatabase(),
    onLost: () => () => {},
    forget: async () => {},
    close: () => {}
  }
}

export function onlyOnce(known: Identity | undefined, given: Identity): Identity {
  if (known !== undefined) throw new Error('This browser is paired already: it has to forget that first')
  return given
}
