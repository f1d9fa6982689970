import { useState } from 'preact/hooks'
import { chatProtocol, maxGroupNameLength } from '../../../protocols/chat/protocol.ts'
import type { Contact } from '../../../protocols/contacts/protocol.ts'
import { useClient } from '../hooks/twin-context.ts'
import { go } from '../hooks/use-route.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'

interface NewConversationProps {
  readonly contacts: readonly Contact[]
  readonly onClose: () => void
  readonly onMade: () => void
}

/** One person leads to the conversation with them, several to a group. */
export function NewConversation({ contacts, onClose, onMade }: NewConversationProps) {
  const chat = useClient(chatProtocol)
  const toasts = useToasts()
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [name, setName] = useState('')
  const people = contacts.filter(({ state }) => state === 'contact')
  const isGroup = chosen.length > 1
  const begin = async () => {
    if (!isGroup) {
      go('chats', chosen[0])
      onClose()
      return
    }
    const made = await toasts.attempt(() => chat.createGroup({ name: name.trim(), members: [...chosen] }))
    if (made === undefined) return
    onMade()
    go('chats', made.id)
    onClose()
  }
  return (
    <Dialog title="New conversation" onClose={onClose}>
      {people.length === 0 ? (
        <div class="stack">
          <p>You have no contacts yet. Invite somebody first: it takes them one link.</p>
          <a class="button" data-kind="main" href="#/people">
            Invite somebody
          </a>
        </div>
      ) : (
        <form
          class="stack"
          onSubmit={event => {
            event.preventDefault()
            void begin()
          }}
        >
          <fieldset class="choices">
            <legend class="label">With whom? Several people make a group.</legend>
            {people.map(person => (
              <label key={person.id} class="choice">
                <Avatar id={person.id} name={person.name} size={32} />
                <span class="clip">{person.name}</span>
                <input
                  type="checkbox"
                  checked={chosen.includes(person.id)}
                  onChange={event => {
                    const isOn = event.currentTarget.checked
                    setChosen(now => (isOn ? [...now, person.id] : now.filter(id => id !== person.id)))
                  }}
                />
              </label>
            ))}
          </fieldset>
          {isGroup && (
            <Field label="Name of the group" value={name} onInput={setName} maxLength={maxGroupNameLength} autoFocus />
          )}
          <footer class="dialog-foot">
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="main" type="submit" disabled={chosen.length === 0 || (isGroup && name.trim() === '')}>
              {isGroup ? 'Make the group' : 'Write'}
            </Button>
          </footer>
        </form>
      )}
    </Dialog>
  )
}
