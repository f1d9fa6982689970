import { useRef } from 'preact/hooks'
import type { ChatMessage } from '../../../protocols/chat/protocol.ts'
import { Avatar } from '../parts/avatar.tsx'
import { LinkedText } from '../parts/linked-text.tsx'
import { clockTime } from '../parts/words.ts'
import { Attachment } from './attachment.tsx'
import { Delivery } from './ladder.tsx'
import { MessageTools } from './message-tools.tsx'

export interface MessageActions {
  reply(message: ChatMessage): void
  edit(message: ChatMessage): void
  remove(message: ChatMessage): void
  react(message: ChatMessage, emoji: string, isRemoval: boolean): void
  showLadder(message: ChatMessage): void
}

interface MessageRowProps {
  readonly message: ChatMessage
  readonly me: string
  readonly other: string
  readonly isSelf: boolean
  readonly isGroup: boolean
  /** First of several in a row by one person */
  readonly isFirst: boolean
  readonly showsDelivery: boolean
  readonly isStop: boolean
  readonly answered: ChatMessage | undefined
  readonly actions: MessageActions
}

export function MessageRow(props: MessageRowProps) {
  const { message, me, other, isSelf, isGroup, isFirst, showsDelivery, isStop, answered, actions } = props
  const row = useRef<HTMLLIElement>(null)
  const isMine = message.from === me
  const author = isMine ? 'You' : message.name
  const attachments = message.attachments ?? []
  // A file without a word goes with its name, which its card shows already
  const isBare = attachments.length > 0 && message.text === attachments.map(({ name }) => name).join('\n')
  return (
    <li
      ref={row}
      class="message"
      data-mine={isMine}
      data-first={isFirst}
      data-roving
      tabIndex={isStop ? 0 : -1}
      aria-label={`${author}, ${clockTime(message.at)}`}
    >
      {isGroup && !isMine && (
        <span class="message-face">{isFirst && <Avatar id={message.from} name={message.name} size={32} />}</span>
      )}
      <div class="message-column">
        {isGroup && !isMine && isFirst && <span class="message-author">{message.name}</span>}
        <div class="bubble" data-deleted={message.deleted === true}>
          {answered !== undefined && (
            <blockquote class="answered">
              <strong>{answered.from === me ? 'You' : answered.name}</strong>
              <span class="clip">{answered.deleted ? 'Taken back' : answered.text}</span>
            </blockquote>
          )}
          {message.deleted ? (
            <p class="dim">{isMine ? 'You took this back' : 'Taken back'}</p>
          ) : (
            <>
              {attachments.map(reference => (
                <Attachment key={reference.address} reference={reference} />
              ))}
              {!isBare && (
                <p class="message-text" dir="auto">
                  <LinkedText text={message.text} />
                </p>
              )}
            </>
          )}
          <span class="message-time">
            {message.editedAt !== undefined && !message.deleted && 'edited '}
            <time dateTime={new Date(message.at).toISOString()}>{clockTime(message.at)}</time>
          </span>
        </div>
        <Reactions message={message} me={me} actions={actions} />
        {showsDelivery && (
          <button type="button" class="delivery-button" onClick={() => actions.showLadder(message)}>
            <Delivery message={message} name={other} isSelf={isSelf} />
          </button>
        )}
      </div>
      {!message.deleted && (
        <MessageTools message={message} isMine={isMine} actions={actions} onDone={() => row.current?.focus()} />
      )}
    </li>
  )
}

function Reactions({ message, me, actions }: { message: ChatMessage; me: string; actions: MessageActions }) {
  if (message.reactions === undefined || message.reactions.length === 0) return null
  return (
    <div class="reactions">
      {message.reactions.map(({ emoji, from }) => {
        const isMine = from.includes(me)
        return (
          <button
            key={emoji}
            type="button"
            class="reaction"
            aria-pressed={isMine}
            aria-label={`${emoji} ${from.length}`}
            onClick={() => actions.react(message, emoji, isMine)}
          >
            {emoji} <span>{from.length}</span>
          </button>
        )
      })}
    </div>
  )
}
