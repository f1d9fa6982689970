import { useState } from 'preact/hooks'
import type { Contact } from '../../../protocols/contacts/protocol.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Avatar } from './avatar.tsx'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'

interface ShareWithProps {
  readonly title: string
  readonly about: string
  readonly contacts: readonly Contact[]
  readonly onClose: () => void
  readonly onShare: (who: string) => Promise<void>
}

export function ShareWith({ title, about, contacts, onClose, onShare }: ShareWithProps) {
  const toasts = useToasts()
  const [who, setWho] = useState<string>()
  const people = contacts.filter(({ state }) => state === 'contact')
  const share = async (person: string) => {
    const done = await toasts.attempt(async () => {
      await onShare(person)
      return true
    })
    if (done !== true) return
    toasts.say('Shared')
    onClose()
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="stack"
        onSubmit={event => {
          event.preventDefault()
          if (who !== undefined) void share(who)
        }}
      >
        <p>{about}</p>
        <fieldset class="choices">
          <legend class="label">With whom?</legend>
          {people.map(({ id, name }) => (
            <label key={id} class="choice">
              <Avatar id={id} name={name} size={32} />
              <span class="clip">{name}</span>
              <input type="radio" name="who" checked={who === id} onChange={() => setWho(id)} />
            </label>
          ))}
        </fieldset>
        <footer class="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="main" type="submit" disabled={who === undefined}>
            Share
          </Button>
        </footer>
      </form>
    </Dialog>
  )
}
