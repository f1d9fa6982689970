import { useState } from 'preact/hooks'
import { type Contact, contactsProtocol, maxNameLength } from '../../../protocols/contacts/protocol.ts'
import { useClient } from '../hooks/twin-context.ts'
import { useLoad } from '../hooks/use-load.ts'
import { go, hrefOf } from '../hooks/use-route.ts'
import { useSubmit } from '../hooks/use-submit.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Button } from '../parts/button.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Copyable } from '../parts/copyable.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Icon } from '../parts/icon.tsx'
import { Notice } from '../parts/notice.tsx'
import { BackLink } from '../parts/pane.tsx'
import { dateWords } from '../parts/words.ts'

export function ContactView({ contact, onChange }: { contact: Contact; onChange: () => void }) {
  const contacts = useClient(contactsProtocol)
  const toasts = useToasts()
  const [open, setOpen] = useState<'rename' | 'verify' | 'block' | 'remove'>()
  const { id, name, state, verified, note } = contact
  const close = () => setOpen(undefined)
  const change = (work: () => Promise<unknown>) => void toasts.attempt(work).then(onChange)
  return (
    <div class="scroll">
      <header class="pane-head only-phone">
        <BackLink page="people" label="All people" />
      </header>
      <div class="person">
        <Avatar id={id} name={name} size={96} />
        <h2>{name}</h2>
        <p class="dim">{`Known since ${dateWords(contact.addedAt)}`}</p>
        {state === 'contact' &&
          (verified ? (
            <span class="chip" data-kind="good">
              <Icon name="shield" size={14} /> Verified
            </span>
          ) : (
            <span class="chip" data-kind="warn">
              Not verified yet
            </span>
          ))}
        {state === 'contact' && (
          <div class="row">
            <a class="button" data-kind="main" href={hrefOf('chats', id)}>
              <Icon name="chat" size={18} />
              <span>Message</span>
            </a>
            <Button icon="shield" onClick={() => setOpen('verify')}>
              {verified ? 'See the code' : 'Verify'}
            </Button>
          </div>
        )}
      </div>
      <div class="person-parts">
        {note !== undefined && <Notice>{note}</Notice>}
        {state === 'blocked' && (
          <Notice kind="warn">
            <p>Nothing from this twin gets through.</p>
            <div>
              <Button onClick={() => change(() => contacts.unblock({ who: id }))}>Unblock</Button>
            </div>
          </Notice>
        )}
        <section class="stack-small">
          <h3>Twin id</h3>
          <Copyable text={id} what="the twin id" />
          <p class="hint">This is who they are, whatever name they go by.</p>
        </section>
        <section class="row">
          <Button icon="edit" onClick={() => setOpen('rename')}>
            Rename
          </Button>
          {state !== 'blocked' && (
            <Button kind="danger" icon="block" onClick={() => setOpen('block')}>
              Block
            </Button>
          )}
          <Button kind="danger" icon="trash" onClick={() => setOpen('remove')}>
            Remove
          </Button>
        </section>
      </div>
      {open === 'rename' && <Rename contact={contact} onClose={close} onDone={onChange} />}
      {open === 'verify' && <Verify contact={contact} onClose={close} onDone={onChange} />}
      {open === 'block' && (
        <Confirm
          title={`Block ${name}?`}
          action="Block"
          onClose={close}
          onConfirm={() => change(() => contacts.block({ who: id }))}
        >
          <p>
            Everything from their twin is refused from now on, and they are hidden here. You can unblock them later.
          </p>
        </Confirm>
      )}
      {open === 'remove' && (
        <Confirm
          title={`Remove ${name}?`}
          action="Remove"
          onClose={close}
          onConfirm={() => {
            change(() => contacts.remove({ who: id }))
            go('people')
          }}
        >
          <p>What you said and shared stays on your twin. To talk again you would have to become contacts anew.</p>
        </Confirm>
      )}
    </div>
  )
}

interface PartProps {
  readonly contact: Contact
  readonly onClose: () => void
  readonly onDone: () => void
}

function Rename({ contact, onClose, onDone }: PartProps) {
  const contacts = useClient(contactsProtocol)
  const [name, setName] = useState(contact.name)
  const { problem, isBusy, submit } = useSubmit(async () => {
    await contacts.rename({ who: contact.id, name: name.trim() })
    onDone()
    onClose()
  })
  return (
    <Dialog title="Another name" onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <Field
          label="Name"
          value={name}
          onInput={setName}
          maxLength={maxNameLength}
          autoFocus
          hint="Only you see it."
          problem={problem}
        />
        <footer class="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="main" type="submit" disabled={name.trim() === '' || isBusy}>
            Rename
          </Button>
        </footer>
      </form>
    </Dialog>
  )
}

function Verify({ contact, onClose, onDone }: PartProps) {
  const contacts = useClient(contactsProtocol)
  const toasts = useToasts()
  const { value, error } = useLoad(signal => contacts.verify({ who: contact.id }, { signal }), [contact.id])
  return (
    <Dialog title={`Verify ${contact.name}`} onClose={onClose}>
      <p>
        Compare these numbers with {contact.name} side by side or on a call, where you know the voice. If they are
        equal, nobody stands between you.
      </p>
      {error !== undefined && <Notice kind="warn">{error.message}</Notice>}
      <ol class="digits" aria-label="Verification code">
        {(value?.code ?? '').split(' ').map((group, at) => (
          <li key={at}>{group}</li>
        ))}
      </ol>
      <footer class="dialog-foot">
        <Button onClick={onClose}>{contact.verified ? 'Close' : 'Later'}</Button>
        {!contact.verified && (
          <Button
            kind="main"
            icon="check"
            disabled={value === undefined}
            onClick={() =>
              void toasts
                .attempt(() => contacts.confirm({ who: contact.id }))
                .then(confirmed => {
                  if (confirmed === undefined) return
                  onDone()
                  onClose()
                })
            }
          >
            They are equal
          </Button>
        )}
      </footer>
    </Dialog>
  )
}
