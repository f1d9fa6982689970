import { equals } from 'uint8arrays/equals'
import { twinToText } from '../../crdt/identity/index.ts'
import type { Space, Spaces } from '../../crdt/index.ts'
import type { Entry } from '../../crdt/key-value/index.ts'
import { copyContent, settle } from './move-entries.ts'
import { isWhole, markedMembers, markMember, markTaken, sharedContent } from './shared-content.ts'

export interface TakeOverComponents {
  readonly me: { readonly twin: Uint8Array }
  readonly spaces: Pick<Spaces, 'addMember' | 'isKeeper'>
}

/** Does in the space of a namespace what was done later in others that were made for it; they keep what they have. */
export async function takeContent(
  space: Space,
  others: readonly Space[],
  { me }: Pick<TakeOverComponents, 'me'>
): Promise<void> {
  if (others.length === 0) return
  const marked = await markedMembers(space)
  const members = space.members()
  const isFrom = ({ by: { twin } }: Entry) => {
    const member = members.find(each => equals(each.twin, twin))
    if (member !== undefined) return member.role === 'owner' || member.role === 'writer'
    // Who was removed writes to the namespace no more, through another space either
    return equals(twin, me.twin) || !marked.has(twinToText(twin))
  }
  const content = sharedContent(space)
  const sources = others.map(sharedContent)
  for (const [index, other] of others.entries()) {
    // What is here of the other by then: the mark says that nothing is left there that its maker had
    const isAll = await isWhole(other)
    await copyContent(sources[index]!, content, isFrom)
    if (isAll) await markTaken(space, other)
  }
  for await (const { key } of content.deletions.list()) await settle(key, content, sources)
}

/** Makes members of the others of a family members too, each once; only the device that decides about the space can. */
export async function takeMembers(
  space: Space,
  family: readonly Space[],
  components: TakeOverComponents
): Promise<void> {
  const { me, spaces } = components
  const others = family.filter(({ text }) => text !== space.text)
  if (others.length === 0 || !spaces.isKeeper(space)) return
  const marked = await markedMembers(space)
  for (const { twin, role } of others.flatMap(other => other.members())) {
    const id = twinToText(twin)
    if (marked.has(id) || equals(twin, me.twin)) continue
    try {
      if (space.numberOf(twin) === undefined) await spaces.addMember(space, twin, role === 'owner' ? 'writer' : role)
      await markMember(space, twin)
      marked.add(id)
    } catch {
      // Their devices are not known here yet: at the next start or change
    }
  }
}
