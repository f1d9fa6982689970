import { useMemo, useRef, useState } from 'preact/hooks'
import { type ChatMessage, chatProtocol } from '../../../protocols/chat/protocol.ts'
import type { Contact } from '../../../protocols/contacts/protocol.ts'
import { useClient, useTwin } from '../hooks/twin-context.ts'
import { useRoving } from '../hooks/use-roving.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Avatar } from '../parts/avatar.tsx'
import { IconButton } from '../parts/button.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Icon } from '../parts/icon.tsx'
import { Empty, Waiting } from '../parts/notice.tsx'
import { BackLink } from '../parts/pane.tsx'
import { dayName, isSameDay } from '../parts/words.ts'
import { Composer } from './composer.tsx'
import { beginDraft } from './draft.ts'
import { everybody, Ladder } from './ladder.tsx'
import { MembersDialog } from './members-dialog.tsx'
import { MessageRow } from './message-row.tsx'
import type { Conversations } from './use-conversations.ts'
import { useFileDrop } from './use-file-drop.ts'
import { useMembers } from './use-members.ts'
import { useStayAtEnd } from './use-stay-at-end.ts'
import { useTranscript } from './use-transcript.ts'
import { useWriting } from './use-writing.ts'

interface ConversationViewProps {
  /** What chat methods take: a space or twin id */
  readonly who: string
  readonly name: string
  readonly avatarId: string
  readonly kind: 'direct' | 'group' | 'self'
  readonly conversations: Conversations
  readonly contacts: readonly Contact[]
  readonly nameOf: (twin: string) => string
}

export function ConversationView(props: ConversationViewProps) {
  const { who, name, avatarId, kind, conversations, contacts, nameOf } = props
  const twin = useTwin()
  const chat = useClient(chatProtocol)
  const toasts = useToasts()
  const { messages, error, hasEarlier, loadEarlier } = useTranscript(who, conversations)
  const writing = useWriting(who, conversations.drafts)
  const members = useMembers(kind === 'group' ? who : undefined, conversations)
  const { isOver, ...drop } = useFileDrop(writing.addFiles)
  const area = useRef<HTMLTextAreaElement>(null)
  const [asked, setAsked] = useState<{ kind: 'ladder' | 'remove'; id: string }>()
  const [isMembersOpen, setIsMembersOpen] = useState(false)
  const onKeyDown = useRoving()
  const isSelf = kind === 'self'
  const byId = useMemo(() => new Map((messages ?? []).map(message => [message.id, message])), [messages])
  const newest = messages?.at(-1)?.id
  const scroller = useStayAtEnd(newest)
  const begin = (kind: 'reply' | 'edit', message: ChatMessage) => {
    writing.change(now => beginDraft(now, kind, message))
    area.current?.focus()
  }
  const actions = {
    reply: (message: ChatMessage) => begin('reply', message),
    edit: (message: ChatMessage) => begin('edit', message),
    remove: ({ id }: ChatMessage) => setAsked({ kind: 'remove', id }),
    showLadder: ({ id }: ChatMessage) => setAsked({ kind: 'ladder', id }),
    react: ({ id }: ChatMessage, emoji: string, remove: boolean) =>
      void toasts.attempt(() => chat.react({ who, id, emoji, ...(remove && { remove }) }))
  }
  const lastMine = messages?.findLast(({ from, deleted }) => from === twin.id && !deleted)?.id
  const typing = conversations.typing.get(who)
  const askedMessage = asked === undefined ? undefined : byId.get(asked.id)

  return (
    <section class="conversation" aria-label={name} data-dragged={isOver} {...(twin.isViewOnly ? {} : drop)}>
      <header class="pane-head conversation-head">
        <BackLink page="chats" label="All conversations" />
        <Avatar id={avatarId} name={name} size={36} icon={isSelf ? 'note' : kind === 'group' ? 'group' : undefined} />
        <div class="item-words">
          <h2 class="clip">{name}</h2>
          <p class="dim conversation-state clip" aria-live="polite">
            {typing === undefined
              ? members.list.map(({ id }) => nameOf(id)).join(', ') || about[kind]
              : `${kind === 'group' ? typing : name} is writing…`}
          </p>
        </div>
        {kind === 'group' && (
          <div class="pane-actions">
            <IconButton icon="people" label="Members" onClick={() => setIsMembersOpen(true)} />
          </div>
        )}
      </header>
      <div class="scroll transcript" ref={scroller}>
        {messages === undefined ? (
          <Waiting error={error} what="the conversation" />
        ) : messages.length === 0 ? (
          <Empty icon={isSelf ? 'note' : 'chat'} title={isSelf ? 'A place for yourself' : `Say hello to ${name}`}>
            <p>
              {isSelf
                ? 'Thoughts, links and files that you want on all your devices. Drop a file anywhere here.'
                : 'What you write is sealed on this device and opened on theirs. Nobody in between can read it.'}
            </p>
          </Empty>
        ) : (
          <ol class="messages" onKeyDown={onKeyDown} aria-label="Messages" aria-live="polite" aria-relevant="additions">
            {hasEarlier && (
              <li class="day">
                <button type="button" class="button" onClick={() => void toasts.attempt(loadEarlier)}>
                  Show earlier
                </button>
              </li>
            )}
            {messages.flatMap((message, at) => {
              const before = messages[at - 1]
              const isNewDay = before === undefined || !isSameDay(before.at, message.at)
              const isFirst = isNewDay || before.from !== message.from || message.at - before.at > 600_000
              const answered = message.replyTo === undefined ? undefined : byId.get(message.replyTo)
              const row = (
                <MessageRow
                  key={message.id}
                  message={message}
                  me={twin.id}
                  other={kind === 'group' ? everybody : name}
                  isSelf={isSelf}
                  isGroup={kind === 'group'}
                  isFirst={isFirst}
                  showsDelivery={message.id === lastMine}
                  isStop={message.id === newest}
                  answered={answered}
                  actions={actions}
                />
              )
              return isNewDay
                ? [
                    <li key={`day ${message.id}`} class="day">
                      <span>{dayName(message.at)}</span>
                    </li>,
                    row
                  ]
                : [row]
            })}
          </ol>
        )}
      </div>
      {twin.isViewOnly ? (
        <p class="composer-off dim">This browser looks only. Write from another device of yours.</p>
      ) : (
        <Composer
          label={isSelf ? 'Note something down' : `Message ${name}`}
          writing={writing}
          area={area}
          isTypingTold={!isSelf}
        />
      )}
      {isOver && (
        <div class="drop" aria-hidden="true">
          <Icon name="download" size={40} />
          <p>Drop to attach</p>
        </div>
      )}
      {isMembersOpen && (
        <MembersDialog members={members} contacts={contacts} nameOf={nameOf} onClose={() => setIsMembersOpen(false)} />
      )}
      {asked?.kind === 'ladder' && askedMessage !== undefined && (
        <Ladder
          message={askedMessage}
          name={kind === 'group' ? everybody : name}
          isSelf={isSelf}
          nameOf={nameOf}
          onClose={() => setAsked(undefined)}
        />
      )}
      {asked?.kind === 'remove' && askedMessage !== undefined && (
        <Confirm
          title="Take this message back?"
          action="Take back"
          onClose={() => setAsked(undefined)}
          onConfirm={() => void toasts.attempt(() => chat.delete({ who, id: askedMessage.id }))}
        >
          <p>It disappears from the conversation on all twins. Whoever saw it may remember it.</p>
        </Confirm>
      )}
    </section>
  )
}

const about = {
  direct: 'Sealed between your two twins',
  group: 'Sealed between the members',
  self: 'On your own devices, nowhere else'
} as const
