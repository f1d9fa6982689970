import { useState } from 'preact/hooks'
import { type Contact, type ContactState, contactsProtocol } from '../../../protocols/contacts/protocol.ts'
import { useClient } from '../hooks/twin-context.ts'
import type { Loaded } from '../hooks/use-load.ts'
import { hrefOf } from '../hooks/use-route.ts'
import { useRoving } from '../hooks/use-roving.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { Empty, Waiting } from '../parts/notice.tsx'
import { PaneHead, TwoPanes } from '../parts/pane.tsx'
import { AddContact } from './add-contact.tsx'
import { ContactView } from './contact-view.tsx'
import { Invite } from './invite.tsx'

const groups: readonly (readonly [ContactState, string])[] = [
  ['contact', 'Contacts'],
  ['requested', 'Waiting for an answer'],
  ['blocked', 'Blocked']
]

interface PeoplePageProps {
  readonly item: string
  readonly people: Loaded<readonly Contact[]>
  /** The owner's own; undefined until it came for the first time */
  readonly name: string | undefined
}

export function PeoplePage({ item, people, name }: PeoplePageProps) {
  const [open, setOpen] = useState<'invite' | 'add'>()
  const onKeyDown = useRoving()
  const { value: all, error, reload } = people
  const chosen = all?.find(({ id }) => id === item)
  const knocks = all?.filter(({ state }) => state === 'knocking') ?? []
  const first = chosen ?? all?.find(({ state }) => state === 'contact')
  return (
    <>
      <TwoPanes
        detail={
          item === '' ? undefined : chosen === undefined ? (
            all === undefined ? (
              <Waiting error={error} what="your contacts" onAgain={reload} />
            ) : (
              <Empty icon="people" title="Nobody here by that address" />
            )
          ) : (
            <ContactView key={chosen.id} contact={chosen} onChange={reload} />
          )
        }
        resting={
          <Empty icon="people" title="The people you know">
            <p>Invite somebody with a link or a QR code. The first one to use it becomes your contact at once.</p>
            <div class="row">
              <Button kind="main" icon="qr" onClick={() => setOpen('invite')}>
                Invite somebody
              </Button>
              <Button icon="link" onClick={() => setOpen('add')}>
                I have a link
              </Button>
            </div>
          </Empty>
        }
        list={
          <>
            <PaneHead title="People">
              <IconButton icon="link" label="Add somebody by link or QR code" onClick={() => setOpen('add')} />
              <IconButton icon="plus" label="Invite somebody" onClick={() => setOpen('invite')} />
            </PaneHead>
            <div class="scroll">
              {knocks.length > 0 && (
                <section aria-label="Knocking" class="knocks">
                  {knocks.map(knock => (
                    <Knock key={knock.id} knock={knock} onDone={reload} />
                  ))}
                </section>
              )}
              {groups.map(([state, title]) => {
                const found = all?.filter(contact => contact.state === state) ?? []
                if (found.length === 0) return null
                return (
                  <section key={state} aria-label={title}>
                    <h3 class="group-title">{title}</h3>
                    <ul class="items" onKeyDown={onKeyDown}>
                      {found.map((contact, at) => (
                        <PersonItem
                          key={contact.id}
                          contact={contact}
                          isCurrent={contact.id === item}
                          isStop={contact.id === first?.id || (first?.state !== state && at === 0)}
                        />
                      ))}
                    </ul>
                  </section>
                )
              })}
              {all === undefined && <Waiting error={error} what="your contacts" onAgain={reload} />}
              {all?.length === 0 && (
                <Empty icon="people" title="Nobody yet">
                  <p>Invite a friend with a link or a QR code.</p>
                  <span class="only-narrow">
                    <Button kind="main" icon="qr" onClick={() => setOpen('invite')}>
                      Invite somebody
                    </Button>
                  </span>
                </Empty>
              )}
            </div>
          </>
        }
      />
      {open === 'invite' && <Invite name={name} onClose={() => setOpen(undefined)} />}
      {open === 'add' && <AddContact onClose={() => setOpen(undefined)} onAdded={reload} />}
    </>
  )
}

function PersonItem({ contact, isCurrent, isStop }: { contact: Contact; isCurrent: boolean; isStop: boolean }) {
  const { id, name, verified, state, note } = contact
  return (
    <li>
      <a class="item" href={hrefOf('people', id)} aria-current={isCurrent} data-roving tabIndex={isStop ? 0 : -1}>
        <Avatar id={id} name={name} size={40} />
        <span class="item-words">
          <span class="item-line">
            <strong class="clip">{name}</strong>
          </span>
          <span class="item-line">
            <span class="clip">
              {state === 'contact' ? (verified ? 'Verified' : 'Not verified yet') : (note ?? state)}
            </span>
          </span>
        </span>
        {verified && (
          <span class="good">
            <Icon name="shield" size={18} />
          </span>
        )}
      </a>
    </li>
  )
}

/** Somebody asks to become a contact: nothing of theirs is shown but a name and a sentence, and both are only what they say. */
function Knock({ knock, onDone }: { knock: Contact; onDone: () => void }) {
  const contacts = useClient(contactsProtocol)
  const toasts = useToasts()
  const answer = (work: () => Promise<unknown>) => toasts.attempt(work).then(onDone)
  return (
    <article class="knock">
      <div class="row">
        <Avatar id={knock.id} name={knock.name} size={36} />
        <div class="item-words">
          <strong class="clip">{`${knock.name} knocks`}</strong>
          <span class="dim hint">The name they gave themselves</span>
        </div>
      </div>
      {knock.message !== undefined && <p class="knock-words">{knock.message}</p>}
      <div class="row">
        <Button kind="main" onClick={() => void answer(() => contacts.accept({ who: knock.id }))}>
          Accept
        </Button>
        <Button onClick={() => void answer(() => contacts.remove({ who: knock.id }))}>Ignore</Button>
        <Button kind="danger" icon="block" onClick={() => void answer(() => contacts.block({ who: knock.id }))}>
          Block
        </Button>
      </div>
    </article>
  )
}
