import { toPlainName } from '../../crdt/identity/index.ts'
import { maxNameLength } from './protocol.ts'

const lookalikeId = /^12D3Koo/i

/**
 * A name as it may stand in a list, without characters that nobody sees. A name that is empty then, or that could be taken for a
 * twin id, gives way to the end of the id.
 */
export function cleanName(name: string, id: string): string {
  const short = shorten(toPlainName(name), maxNameLength)
  return short === '' || lookalikeId.test(short) ? shortId(id) : short
}

/** The part of a twin id that people can tell apart: all ids begin alike. */
export function shortId(id: string): string {
  return `twin-${id.slice(-6)}`
}

/** The name, or the name with the lowest number behind it that is not taken yet. */
export function freeName(wanted: string, isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '' : ` ${number}`
    const name = shorten(wanted, maxNameLength - suffix.length) + suffix
    if (!isTaken(name)) return name
  }
}

/** Names that differ only in case or form are one name to whoever reads them. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}

function shorten(text: string, max: number): string {
  if (text.length <= max) return text
  // Not in the middle of a character
  return text
    .slice(0, max)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd()
}
