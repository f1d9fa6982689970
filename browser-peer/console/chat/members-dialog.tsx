import { useState } from 'preact/hooks'
import type { Contact } from '../../../protocols/contacts/protocol.ts'
import { useTwin } from '../hooks/twin-context.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Avatar } from '../parts/avatar.tsx'
import { IconButton } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import type { Members } from './use-members.ts'

interface MembersDialogProps {
  readonly members: Members
  readonly contacts: readonly Contact[]
  readonly nameOf: (twin: string) => string
  readonly onClose: () => void
}

/** Who is in a group; whoever made it adds to it. */
export function MembersDialog({ members: { list, add }, contacts, nameOf, onClose }: MembersDialogProps) {
  const twin = useTwin()
  const toasts = useToasts()
  const [isAdding, setIsAdding] = useState(false)
  const maker = list.find(({ role }) => role === 'owner')?.id
  const others = contacts.filter(({ id, state }) => state === 'contact' && list.every(member => member.id !== id))
  const addOne = async (who: string) => {
    setIsAdding(true)
    await toasts.attempt(() => add(who))
    setIsAdding(false)
  }
  return (
    <Dialog title="Members" onClose={onClose}>
      <ul class="choices" aria-label="Members">
        {list.map(({ id }) => (
          <li key={id} class="member">
            <Avatar id={id} name={nameOf(id)} size={32} />
            <span class="clip">{nameOf(id)}</span>
            {id === maker && <span class="hint">made the group</span>}
          </li>
        ))}
      </ul>
      {maker !== undefined && maker !== twin.id && (
        <p class="hint">{`${nameOf(maker)} made the group and decides who else comes in.`}</p>
      )}
      {maker === twin.id && others.length > 0 && (
        <>
          <h3 class="label">Your contacts who are not in it</h3>
          <ul class="choices" aria-label="Contacts to add">
            {others.map(({ id, name }) => (
              <li key={id} class="member">
                <Avatar id={id} name={name} size={32} />
                <span class="clip">{name}</span>
                <IconButton icon="plus" label={`Add ${name}`} disabled={isAdding} onClick={() => void addOne(id)} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  )
}
