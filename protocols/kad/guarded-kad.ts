import { type KadDHT, type KadDHTComponents, type KadDHTInit, kadDHT } from '@libp2p/kad-dht'
import { guardRecords, type RecordStoreInit } from './record-store.ts'

export type RecordQuota = Pick<RecordStoreInit, 'maxRecords' | 'maxBytes'>

/** kad-dht over a guarded record store: a drop-in for `kadDHT(init)` where strangers may write. */
export function guardedKad(init: KadDHTInit, quota: RecordQuota): (components: KadDHTComponents) => KadDHT {
  const datastorePrefix = init.datastorePrefix ?? '/dht'
  return components => {
    const self = components.peerId
    const guarded = guardRecords(components.datastore, { self, datastorePrefix, ...quota })
    const view = new Proxy(components, {
      get: (target, property) => (property === 'datastore' ? guarded : Reflect.get(target, property))
    })
    return kadDHT({ ...init, datastorePrefix })(view)
  }
}
