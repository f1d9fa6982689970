import { ProtocolError } from '../core/index.ts'
import { defaultNamespace, maxKeyBytes } from './protocol.ts'

export interface Address {
  /** Who shares it; absent for a namespace of one's own */
  readonly who?: string
  readonly name: string
}

/** Names of namespaces: what fits a file name and a command line. A dot in front is for the twin's own use. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const control = /[\u0000-\u001f\u007f-\u009f]/

/** `NAME`, or `WHO/NAME` for what somebody shares; petnames may have slashes in them, names of namespaces have none. */
export function textToAddress(text: string | undefined): Address {
  if (text === undefined) return { name: defaultNamespace }
  const slash = text.lastIndexOf('/')
  const name = text.slice(slash + 1)
  if (!namePattern.test(name)) {
    throw new ProtocolError('InvalidArgument', 'A namespace is 1 to 63 letters, digits, dots, hyphens and underscores')
  }
  return slash === -1 ? { name } : { who: text.slice(0, slash), name }
}

export function checkKey(key: string): void {
  if (control.test(key) || !key.isWellFormed()) {
    throw new ProtocolError('InvalidArgument', 'A key is well-formed text without control characters')
  }
  // At most three bytes a unit, so most keys need not be counted
  if (key.length * 3 > maxKeyBytes && new TextEncoder().encode(key).length > maxKeyBytes) {
    throw new ProtocolError('InvalidArgument', `A key has at most ${maxKeyBytes} bytes of UTF-8`)
  }
}
