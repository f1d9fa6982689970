import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ChatMessage } from '../../../protocols/chat/protocol.ts'
import { IconButton } from '../parts/button.tsx'
import type { MessageActions } from './message-row.tsx'

const quickReactions = ['👍', '❤️', '😄', '🎉', '🙏', '👀'] as const

interface MessageToolsProps {
  readonly message: ChatMessage
  readonly isMine: boolean
  readonly actions: MessageActions
  /** The focus is the message's again */
  readonly onDone: () => void
}

/** What can be done with a message, or the reactions to choose from. */
export function MessageTools({ message, isMine, actions, onDone }: MessageToolsProps) {
  const [isChoosing, setIsChoosing] = useState(false)
  const tools = useRef<HTMLDivElement>(null)
  // The button that was pressed is gone, and the focus with it
  useLayoutEffect(() => {
    if (isChoosing) tools.current?.querySelector('button')?.focus()
  }, [isChoosing])
  const stop = () => {
    setIsChoosing(false)
    onDone()
  }
  return (
    <div
      ref={tools}
      class="message-tools"
      role="toolbar"
      aria-label={isChoosing ? 'Reactions' : 'Actions'}
      data-choosing={isChoosing}
      onKeyDown={event => {
        const { key, target } = event
        if (key === 'Escape' && isChoosing) stop()
        if (!(target instanceof HTMLElement)) return
        const next =
          key === 'ArrowRight' ? target.nextElementSibling : key === 'ArrowLeft' && target.previousElementSibling
        if (next instanceof HTMLElement) next.focus()
      }}
      onFocusOut={({ relatedTarget }) => {
        if (relatedTarget instanceof Node && !tools.current?.contains(relatedTarget)) setIsChoosing(false)
      }}
    >
      {isChoosing ? (
        quickReactions.map(emoji => (
          <button
            key={emoji}
            type="button"
            class="emoji"
            aria-label={`React with ${emoji}`}
            onClick={() => {
              stop()
              actions.react(message, emoji, false)
            }}
          >
            {emoji}
          </button>
        ))
      ) : (
        <>
          <IconButton icon="smile" label="React" size={18} onClick={() => setIsChoosing(true)} />
          <IconButton icon="reply" label="Reply" size={18} onClick={() => actions.reply(message)} />
          {isMine && <IconButton icon="edit" label="Edit" size={18} onClick={() => actions.edit(message)} />}
          {isMine && <IconButton icon="trash" label="Take back" size={18} onClick={() => actions.remove(message)} />}
        </>
      )}
    </div>
  )
}
