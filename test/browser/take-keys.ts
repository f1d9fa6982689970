import type { Page } from 'puppeteer-core'

export interface TakenKeys {
  /** Keys that never leave the browser, and what came of each attempt to take one: the name of the error, or `taken` */
  readonly attempts: Readonly<Record<string, readonly string[]>>
  /** Bytes of the transport key as they lie there */
  readonly sealedLength: number
  /** Where the transport key lies open, of all that is kept */
  readonly open: readonly string[]
  /** How many bytes were looked through for it */
  readonly searched: number
}

/** What a hostile script of the page gets of the keys of the device. */
export function takeKeys(page: Page): Promise<TakenKeys> {
  return page.evaluate(takeAll)
}

/** Runs in the page. */
async function takeAll(): Promise<TakenKeys> {
  const { subtle } = crypto
  const done = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  const rows: { where: string; row: unknown }[] = []
  for (const { name } of await indexedDB.databases()) {
    const db = await done(indexedDB.open(name!))
    for (const table of db.objectStoreNames) {
      for (const row of await done(db.transaction(table).objectStore(table).getAll())) {
        rows.push({ where: `${name} ${table}`, row })
      }
    }
    db.close()
  }
  const attempts: Record<string, string[]> = {}
  const pieces: { where: string; bytes: Uint8Array }[] = []
  const visit = async (where: string, value: unknown): Promise<void> => {
    if (value instanceof CryptoKey) {
      if (value.type === 'public') return
      const formats = value.type === 'private' ? (['pkcs8', 'jwk'] as const) : (['raw', 'jwk'] as const)
      const outcomes = formats.map(format =>
        subtle.exportKey(format as 'pkcs8', value).then(
          () => 'taken',
          (error: Error) => error.name
        )
      )
      attempts[value.algorithm.name] = await Promise.all(outcomes)
    } else if (ArrayBuffer.isView(value)) {
      pieces.push({ where, bytes: new Uint8Array(value.buffer, value.byteOffset, value.byteLength) })
    } else if (value instanceof ArrayBuffer) {
      pieces.push({ where, bytes: new Uint8Array(value) })
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, part] of Object.entries(value)) await visit(`${where} ${name}`, part)
    } else if (typeof value === 'string') {
      pieces.push({ where, bytes: new TextEncoder().encode(value) })
    }
  }
  for (const { where, row } of rows) await visit(where, row)
  for (const [key, value] of Object.entries(localStorage)) await visit(`localStorage ${key}`, value)
  const { row } = rows.find(({ where }) => where === 'twinmesh device')!
  const { wrapping, transport } = (row as { keys: { wrapping: CryptoKey; transport: Record<string, Uint8Array> } }).keys
  const { iv, sealed } = transport as unknown as { iv: Uint8Array<ArrayBuffer>; sealed: Uint8Array<ArrayBuffer> }
  const seed = new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv }, wrapping, sealed))
  const toHex = (bytes: Uint8Array) => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
  const [hex, text] = [toHex(seed), btoa(String.fromCharCode(...seed)).slice(0, 40)]
  const isOpen = (bytes: Uint8Array) => {
    const shown = toHex(bytes)
    return shown.includes(hex) || shown.includes(toHex(new TextEncoder().encode(text)))
  }
  return {
    attempts,
    sealedLength: sealed.length,
    open: pieces.filter(({ bytes }) => isOpen(bytes)).map(({ where }) => where),
    searched: pieces.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }
}
