import { type KadDHT, type KadDHTComponents, type KadDHTInit, kadDHT } from '@libp2p/kad-dht'
import { NewsFilter } from './news-filter.ts'
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
    return withoutRepetition(kadDHT({ ...init, datastorePrefix })(view))
  }
}

/** Peers that the DHT meets are told to libp2p by an event; those it was told of already are not news. */
function withoutRepetition(dht: KadDHT): KadDHT {
  const filter = new NewsFilter()
  const target = dht as KadDHT & EventTarget // kad-dht's class is an event target whatever its interface says
  const dispatch = target.dispatchEvent.bind(target)
  target.dispatchEvent = event => {
    if (event.type === 'peer' && event instanceof CustomEvent && !filter.isNews(event.detail)) return true
    return dispatch(event)
  }
  return dht
}
