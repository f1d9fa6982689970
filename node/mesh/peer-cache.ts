import type { Datastore, Key } from 'interface-datastore'

/** Where libp2p's peer store keeps its rows */
const prefix = '/peers/'
/** Rows kept in memory; a row is about 1 KiB */
const maxRows = 2000

/**
 * The datastore with the peer store's rows in memory too. A DHT server looks up twenty peers for every request it
 * answers, each a read from disk that costs as much as the rest of the answer.
 */
export function cachePeers(datastore: Datastore): Datastore {
  const rows = new Map<string, Uint8Array>()
  let writes = 0
  const keep = (name: string, value: Uint8Array) => {
    // Moves it to the end: the first is the one longest unused
    rows.delete(name)
    rows.set(name, value)
    if (rows.size > maxRows) rows.delete(rows.keys().next().value ?? '')
  }
  const cached = {
    get: async (key: Key, ...rest: unknown[]) => {
      const name = key.toString()
      if (!name.startsWith(prefix)) return await Reflect.apply(datastore.get, datastore, [key, ...rest])
      const held = rows.get(name)
      if (held !== undefined) {
        keep(name, held)
        return held
      }
      const before = writes
      const value: Uint8Array = await Reflect.apply(datastore.get, datastore, [key, ...rest])
      // What was written while this was read is newer
      if (writes === before) keep(name, value)
      return value
    },
    has: async (key: Key, ...rest: unknown[]) =>
      rows.has(key.toString()) || (await Reflect.apply(datastore.has, datastore, [key, ...rest])),
    put: async (key: Key, value: Uint8Array, ...rest: unknown[]) => {
      const name = key.toString()
      // Not before it is written: what is read from here must survive
      rows.delete(name)
      writes++
      await Reflect.apply(datastore.put, datastore, [key, value, ...rest])
      if (name.startsWith(prefix)) keep(name, value)
      return key
    },
    delete: async (key: Key, ...rest: unknown[]) => {
      rows.delete(key.toString())
      writes++
      await Reflect.apply(datastore.delete, datastore, [key, ...rest])
    }
  }
  return new Proxy(datastore, {
    get: (target, property) => {
      if (Object.hasOwn(cached, property)) return Reflect.get(cached, property)
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}
