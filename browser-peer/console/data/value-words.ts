import type { KvItem, KvValue } from '../../../protocols/kv/protocol.ts'
import { byteSize } from '../parts/words.ts'

export type ValueKind = 'text' | 'json' | 'bytes' | 'file'

export function kindOf({ value, blob }: Pick<KvItem, 'value' | 'blob'>): ValueKind {
  if (blob !== undefined) return 'file'
  if (value instanceof Uint8Array) return 'bytes'
  return typeof value === 'string' ? 'text' : 'json'
}

/** One line of it. */
export function summary(item: Pick<KvItem, 'value' | 'blob'>): string {
  if (item.blob !== undefined) return `${item.blob.name ?? 'file'}, ${byteSize(item.blob.size)}`
  if (item.value instanceof Uint8Array) return `${byteSize(item.value.length)} of bytes`
  return typeof item.value === 'string' ? item.value : JSON.stringify(item.value)
}

/** As it is written in the box; `readValue` is the way back. */
export function writeValue(value: KvValue): string {
  if (value instanceof Uint8Array) return [...value].map(byte => byte.toString(16).padStart(2, '0')).join(' ')
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)
}

export function readValue(text: string, kind: ValueKind): KvValue {
  if (kind === 'text') return text
  if (kind === 'json') {
    try {
      // What it holds is checked by the contract
      return JSON.parse(text) as KvValue
    } catch {
      throw new TypeError('This is not JSON')
    }
  }
  const digits = text.replace(/\s+/g, '')
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new TypeError('Bytes are pairs of the digits 0 to 9 and a to f')
  return Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}
