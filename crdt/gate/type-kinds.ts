import * as Y from 'yjs'
import { Refusal } from './refusal.ts'
import type { GateRules, RootKind } from './rules.ts'

/** Kinds of types that may hold items. `fragment` is the root of an XML tree, `xml-text` the text inside one. */
export type TypeKind = 'array' | 'map' | 'text' | 'plain' | 'fragment' | 'element' | 'xml-text'

/** Kinds of content in the Yjs V1 encoding (ContentJSON, ContentDoc and Skip are not among them). */
export type ContentKind = 'deleted' | 'binary' | 'string' | 'embed' | 'format' | 'type' | 'any'

/** By the type reference on the wire; 5 (XML hook) is legacy and not allowed. */
export const KIND_OF_TYPE_REF: readonly (TypeKind | undefined)[] = [
  'array',
  'map',
  'text',
  'element',
  'fragment',
  undefined,
  'xml-text'
]

const KIND_OF_ROOT: Record<RootKind, TypeKind> = {
  array: 'array',
  map: 'map',
  text: 'text',
  plain: 'plain',
  xml: 'fragment'
}

const VALUES: readonly ContentKind[] = ['any', 'binary', 'type', 'deleted']
const RICH_TEXT: readonly ContentKind[] = ['string', 'embed', 'format', 'type', 'deleted']
const CHILDREN: Record<TypeKind, readonly ContentKind[]> = {
  array: VALUES,
  map: [],
  text: RICH_TEXT,
  plain: ['string', 'deleted'],
  'xml-text': RICH_TEXT,
  fragment: ['type', 'deleted'],
  element: ['type', 'deleted']
}

const HAS_NO_KEYS: readonly TypeKind[] = ['array', 'plain', 'fragment']

/** Refuses content that the type's own methods could not have made, such as text in an array. */
export function checkContent(parent: TypeKind, key: string | null, content: ContentKind, type?: TypeKind): void {
  const allowed = key === null ? CHILDREN[parent] : HAS_NO_KEYS.includes(parent) ? [] : VALUES
  if (!allowed.includes(content)) throw new Refusal('content', `No ${content} is allowed at this place of a ${parent}`)
  const isTree = parent === 'fragment' || parent === 'element'
  if (type !== undefined && key === null && isTree && type !== 'element' && type !== 'xml-text') {
    throw new Refusal('content', 'An XML tree holds elements and texts only')
  }
}

/** Kind of a root as the rules declare it. */
export function kindOfRoot(name: string, rules: GateRules): TypeKind {
  if (!Object.hasOwn(rules.roots, name)) throw new Refusal('root', 'The name of a top-level type is not declared')
  return KIND_OF_ROOT[rules.roots[name] as RootKind]
}

/** Kind of a type that the document already holds. */
export function kindOfType(type: Y.AbstractType<unknown>, doc: Y.Doc, rules: GateRules): TypeKind {
  if (type._item === null) {
    for (const name of Object.keys(rules.roots)) if (doc.share.get(name) === type) return kindOfRoot(name, rules)
    throw new Refusal('root', 'A top-level type is not declared')
  }
  if (type instanceof Y.Array) return 'array'
  if (type instanceof Y.XmlText) return 'xml-text'
  if (type instanceof Y.Text) return 'text'
  if (type instanceof Y.XmlElement) return 'element'
  if (type instanceof Y.XmlFragment) return 'fragment'
  if (type instanceof Y.Map && !(type instanceof Y.XmlHook)) return 'map'
  throw new Refusal('parent', 'A parent is of a kind that is not allowed')
}

/** How deep a type lies: 0 for a root. Counts no further than it has to. */
export function depthOfType(type: Y.AbstractType<unknown>, most: number): number {
  let depth = 0
  for (let item = type._item; item !== null && depth <= most; depth++) {
    item = (item.parent as Y.AbstractType<unknown>)._item
  }
  return depth
}
