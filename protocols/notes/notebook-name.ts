import { readName } from '../../crdt/identity/index.ts'
import type { Space } from '../../crdt/index.ts'
import { ProtocolError } from '../core/index.ts'
import { maxNameBytes } from './protocol.ts'

/** One line without a slash, which stands between a person and their notebook. @throws {ProtocolError} */
export function checkName(text: string): string {
  const name = readName(text)
  if (name === undefined || name.includes('/')) {
    throw new ProtocolError(
      'InvalidArgument',
      'A name of a notebook is one line of text, with something to be seen in it and no slash'
    )
  }
  if (new TextEncoder().encode(name).length > maxNameBytes) {
    throw new ProtocolError('InvalidArgument', `A name of a notebook has at most ${maxNameBytes} bytes of UTF-8`)
  }
  return name
}

/** The notebook of an id or a name. @throws {ProtocolError} `NotFound`, or `FailedPrecondition` when several fit */
export function findByName(spaces: readonly Space[], text: string, nameOf: (space: Space) => string): Space {
  const name = text.normalize('NFC').trim()
  const found = spaces.filter(space => space.text === name || nameOf(space) === name)
  const [first] = found
  if (first === undefined) throw new ProtocolError('NotFound', 'No notebook has this name')
  if (found.length === 1) return first
  const ids = found.map(space => space.text.slice(0, 8)).join(', ')
  throw new ProtocolError('FailedPrecondition', `Several notebooks have this name (${ids}); name one by its whole id`)
}
