import type { Parent } from './draft.ts'
import { Refusal } from './refusal.ts'
import { isAllowedKey, MAX_DELETED_LENGTH } from './rules.ts'
import { type ContentKind, KIND_OF_TYPE_REF, type TypeKind } from './type-kinds.ts'
import type { UpdateReader } from './update-reader.ts'
import { readAnyValue, readJsonValue } from './values.ts'

export interface Content {
  readonly kind: ContentKind
  /** Clocks it takes: characters, elements, 1 for the rest. */
  readonly length: number
  /** Of the type it makes. */
  readonly type?: TypeKind
}

const BINARY: Content = { kind: 'binary', length: 1 }
const EMBED: Content = { kind: 'embed', length: 1 }
const FORMAT: Content = { kind: 'format', length: 1 }

/** Reads the content of one item. `ref` is its number in the V1 encoding (Yjs Item.js, contentRefs). */
export function readContent(reader: UpdateReader, ref: number, maxDeletedLength = MAX_DELETED_LENGTH): Content {
  switch (ref) {
    case 1: {
      const length = reader.uint()
      if (length > maxDeletedLength) throw new Refusal('content', 'A deleted stretch is too long')
      return { kind: 'deleted', length }
    }
    case 3:
      reader.skipBytes()
      return BINARY
    case 4:
      return { kind: 'string', length: reader.stringLength() }
    case 5:
      readJsonValue(reader)
      return EMBED
    case 6:
      readKey(reader)
      readJsonValue(reader)
      return FORMAT
    case 7: {
      const type = KIND_OF_TYPE_REF[reader.uint()]
      if (type === undefined) throw new Refusal('content', 'A type is of a kind that is not allowed')
      if (type === 'element') readKey(reader)
      return { kind: 'type', length: 1, type }
    }
    case 8: {
      const length = reader.uint()
      if (length > reader.left) throw new Refusal('encoding', 'A count is beyond the end of the update')
      for (let i = 0; i < length; i++) readAnyValue(reader)
      return { kind: 'any', length }
    }
    default: // 2 legacy JSON, 9 sub-document, 10 Skip, and what does not exist
      throw new Refusal('content', 'A kind of content is not allowed')
  }
}

/** Reads a key of a map, an attribute, a format or the name of an element. */
export function readKey(reader: UpdateReader): string {
  const key = reader.string()
  if (!isAllowedKey(key)) throw new Refusal('key', 'A key is not allowed')
  return key
}

/** A type that this update makes, one level below its parent. */
export function newType(kind: TypeKind, parent: Parent): Parent {
  const depth = parent.depth() + 1
  return { kind, depth: () => depth }
}
