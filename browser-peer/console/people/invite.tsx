import { useState } from 'preact/hooks'
import { contactsProtocol } from '../../../protocols/contacts/protocol.ts'
import { maxNameLength, profileProtocol } from '../../../protocols/profile/protocol.ts'
import { useClient } from '../hooks/twin-context.ts'
import { useLoad } from '../hooks/use-load.ts'
import { useSubmit } from '../hooks/use-submit.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Button } from '../parts/button.tsx'
import { Copyable } from '../parts/copyable.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Waiting } from '../parts/notice.tsx'
import { Qr } from '../parts/qr.tsx'
import { dateWords } from '../parts/words.ts'

interface InviteProps {
  readonly name: string | undefined
  readonly onClose: () => void
}

/** Whoever is invited sees a name: one that has none is asked for it first. */
export function Invite({ name, onClose }: InviteProps) {
  const [isNamed, setIsNamed] = useState(false)
  return (
    <Dialog title="Invite somebody" onClose={onClose}>
      {name === '' && !isNamed ? <OwnName onDone={() => setIsNamed(true)} /> : <InviteLink onClose={onClose} />}
    </Dialog>
  )
}

function OwnName({ onDone }: { onDone: () => void }) {
  const profile = useClient(profileProtocol)
  const [name, setName] = useState('')
  const { problem, isBusy, submit } = useSubmit(async () => {
    await profile.set({ name: name.trim() })
    onDone()
  })
  return (
    <form class="stack" onSubmit={submit}>
      <Field
        label="Your name"
        value={name}
        onInput={setName}
        maxLength={maxNameLength}
        autoFocus
        hint="Whoever you invite sees it."
        problem={problem}
      />
      <footer class="dialog-foot">
        <Button kind="main" type="submit" disabled={name.trim() === '' || isBusy}>
          Go on
        </Button>
      </footer>
    </form>
  )
}

function InviteLink({ onClose }: { onClose: () => void }) {
  const contacts = useClient(contactsProtocol)
  const toasts = useToasts()
  const { value, error, reload } = useLoad(signal => contacts.invite({}, { signal }), [contacts])
  const canShare = typeof navigator.share === 'function'
  if (value === undefined) return <Waiting error={error} what="a new invitation" onAgain={reload} />
  return (
    <>
      <p>Let them scan this, or send them the link. It works once: whoever uses it first becomes your contact.</p>
      <Qr text={value.link} label="QR code with your invite link" />
      <Copyable text={value.link} what="the invite link" />
      <p class="hint">{`Good until ${dateWords(value.expiresAt)}. Do not post it in public.`}</p>
      <footer class="dialog-foot">
        {canShare && (
          <Button
            icon="share"
            onClick={() => void toasts.attempt(() => navigator.share({ text: value.link }).catch(() => {}))}
          >
            Send
          </Button>
        )}
        <Button kind="main" onClick={onClose}>
          Done
        </Button>
      </footer>
    </>
  )
}
