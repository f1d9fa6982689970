import { useEffect, useState } from 'preact/hooks'
import type { Contact } from '../../../protocols/contacts/protocol.ts'
import { useTwin } from '../hooks/twin-context.ts'
import { go, hrefOf } from '../hooks/use-route.ts'
import { useRoving } from '../hooks/use-roving.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Button, IconButton } from '../parts/button.tsx'
import { Empty, Waiting } from '../parts/notice.tsx'
import { PaneHead, TwoPanes } from '../parts/pane.tsx'
import { count, shortId, shortTime } from '../parts/words.ts'
import { ConversationView } from './conversation-view.tsx'
import { NewConversation } from './new-conversation.tsx'
import { openSelf, selfItem, selfName } from './self-conversation.ts'
import type { Conversation, Conversations } from './use-conversations.ts'

interface ChatsPageProps {
  readonly item: string
  readonly conversations: Conversations
  readonly contacts: readonly Contact[]
}

export function ChatsPage({ item, conversations, contacts }: ChatsPageProps) {
  const twin = useTwin()
  const toasts = useToasts()
  const onKeyDown = useRoving()
  const [isNew, setIsNew] = useState(false)
  const { list, self, error } = conversations
  const others = (list ?? []).filter(({ id }) => id !== self)
  const mine = list?.find(({ id }) => id === self)
  const person = contacts.find(({ id }) => id === item)
  // A person's page leads here by twin id: the conversation may have begun already
  const begun = list?.find(found => found.kind === 'direct' && found.name === person?.name)
  const chosen = list?.find(({ id }) => id === item) ?? begun
  if (person !== undefined && begun !== undefined) conversations.drafts.begin(person.id, begun.id)
  useEffect(() => {
    if (item !== selfItem) return
    void toasts.attempt(async () => {
      const id = await openSelf(twin)
      conversations.reload()
      go('chats', id)
    })
  }, [item])
  const nameOf = (id: string) =>
    id === twin.id ? 'You' : (contacts.find(contact => contact.id === id)?.name ?? shortId(id))
  const faceOf = ({ id, kind, name }: Conversation) =>
    kind === 'group' ? id : (contacts.find(contact => contact.name === name)?.id ?? id)
  const isSelf = item !== '' && item === self

  const detail =
    item === '' || item === selfItem ? undefined : chosen === undefined && person === undefined && !isSelf ? (
      list === undefined ? (
        <Waiting error={error} what="the conversation" />
      ) : (
        <Empty icon="chat" title="There is no such conversation" />
      )
    ) : (
      <ConversationView
        key={item}
        who={chosen?.id ?? item}
        name={isSelf ? selfName : (chosen?.name ?? person?.name ?? '')}
        avatarId={chosen === undefined ? item : isSelf ? item : faceOf(chosen)}
        kind={isSelf ? 'self' : (chosen?.kind ?? 'direct')}
        conversations={conversations}
        contacts={contacts}
        nameOf={nameOf}
      />
    )
  const stop = chosen?.id ?? self ?? selfItem
  const isFirstStop = others.every(({ id }) => id !== stop)

  return (
    <>
      <TwoPanes
        detail={detail}
        resting={
          <Empty icon="chat" title="Choose a conversation">
            <p>Or begin one: everything you write stays between your twin and theirs.</p>
            <Button kind="main" icon="plus" onClick={() => setIsNew(true)}>
              Write to somebody
            </Button>
          </Empty>
        }
        list={
          <>
            <PaneHead title="Conversations">
              <IconButton icon="plus" label="New conversation" onClick={() => setIsNew(true)} />
            </PaneHead>
            <nav class="scroll" aria-label="Conversations">
              <ul class="items" onKeyDown={onKeyDown}>
                {/* Opening it makes it */}
                {(self !== undefined || !twin.isViewOnly) && (
                  <li>
                    <a
                      class="item"
                      href={hrefOf('chats', self ?? selfItem)}
                      aria-current={isSelf}
                      data-roving
                      tabIndex={isFirstStop ? 0 : -1}
                    >
                      <Avatar id={self ?? twin.id} name={selfName} size={44} icon="note" />
                      <span class="item-words">
                        <span class="item-line">
                          <strong class="clip">{selfName}</strong>
                          {mine?.at !== undefined && <span class="dim">{shortTime(mine.at)}</span>}
                        </span>
                        <span class="item-line">
                          <span class="clip">{mine?.text ?? 'Thoughts and files for all your devices'}</span>
                        </span>
                      </span>
                    </a>
                  </li>
                )}
                {others.map(found => (
                  <ConversationItem
                    key={found.id}
                    found={found}
                    face={faceOf(found)}
                    isCurrent={found.id === chosen?.id}
                    isStop={found.id === stop}
                    writing={conversations.typing.get(found.id)}
                  />
                ))}
              </ul>
              {list === undefined && <Waiting error={error} what="your conversations" />}
              {list !== undefined && others.length === 0 && (
                <Empty icon="people" title="Write to a friend">
                  <p>Invite somebody: whoever uses your link first becomes your contact.</p>
                  <Button onClick={() => go('people')}>Invite somebody</Button>
                </Empty>
              )}
            </nav>
          </>
        }
      />
      {isNew && <NewConversation contacts={contacts} onClose={() => setIsNew(false)} onMade={conversations.reload} />}
    </>
  )
}

interface ConversationItemProps {
  readonly found: Conversation
  readonly face: string
  readonly isCurrent: boolean
  readonly isStop: boolean
  readonly writing: string | undefined
}

function ConversationItem({ found, face, isCurrent, isStop, writing }: ConversationItemProps) {
  const { id, kind, name, unread, at, text } = found
  return (
    <li>
      <a
        class="item"
        href={hrefOf('chats', id)}
        aria-current={isCurrent}
        data-unread={unread > 0}
        data-roving
        tabIndex={isStop ? 0 : -1}
      >
        <Avatar id={face} name={name} size={44} icon={kind === 'group' ? 'group' : undefined} />
        <span class="item-words">
          <span class="item-line">
            <strong class="clip">{name}</strong>
            {at !== undefined && <span class="dim">{shortTime(at)}</span>}
          </span>
          <span class="item-line">
            <span class="clip">{writing === undefined ? text || 'No messages yet' : 'writing…'}</span>
            {unread > 0 && (
              <span class="mark">
                {unread}
                <span class="only-read">{` ${count(unread, 'new message').replace(/^\S+ /, '')}`}</span>
              </span>
            )}
          </span>
        </span>
      </a>
    </li>
  )
}
