import { useEffect, useRef, useState } from 'preact/hooks'
import type { ChatMessage } from '../../../protocols/chat/protocol.ts'
import { IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { byteSize } from '../parts/words.ts'

/** What the composer is doing besides writing anew. */
export interface Draft {
  readonly kind: 'reply' | 'edit'
  readonly message: ChatMessage
}

export interface Pending {
  readonly file: File
  readonly done?: number
}

interface ComposerProps {
  readonly label: string
  readonly draft: Draft | undefined
  readonly files: readonly Pending[]
  readonly isBusy: boolean
  readonly onFiles: (files: readonly File[]) => void
  readonly onDropFile: (file: File) => void
  readonly onCancel: () => void
  readonly onTyping: () => void
  /** Resolves to whether it went */
  readonly onSend: (text: string) => Promise<boolean>
}

export function Composer(props: ComposerProps) {
  const { label, draft, files, isBusy, onFiles, onDropFile, onCancel, onTyping, onSend } = props
  const [text, setText] = useState('')
  const area = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (draft?.kind === 'edit') setText(draft.message.text)
    if (draft !== undefined) area.current?.focus()
  }, [draft])
  useEffect(() => {
    const element = area.current
    if (element === null) return
    element.style.height = 'auto'
    element.style.height = `${Math.min(element.scrollHeight, 200)}px`
  }, [text])
  const send = async () => {
    if ((text.trim() === '' && files.length === 0) || isBusy) return
    if (await onSend(text.trim())) setText('')
    area.current?.focus()
  }
  return (
    <form
      class="composer"
      onSubmit={event => {
        event.preventDefault()
        void send()
      }}
    >
      {draft !== undefined && (
        <div class="composer-draft">
          <Icon name={draft.kind} size={18} />
          <span class="clip">
            {draft.kind === 'edit' ? 'Changing your message' : `Answering: ${draft.message.text}`}
          </span>
          <IconButton
            icon="close"
            label="Stop that"
            size={18}
            onClick={() => {
              if (draft.kind === 'edit') setText('')
              onCancel()
            }}
          />
        </div>
      )}
      {files.length > 0 && (
        <ul class="composer-files" aria-label="Files to send">
          {files.map(({ file, done }) => (
            <li key={`${file.name} ${file.size}`}>
              <Icon name="file" size={18} />
              <span class="clip">{file.name}</span>
              <span class="dim">{byteSize(file.size)}</span>
              {done === undefined ? (
                <IconButton icon="close" label={`Leave out ${file.name}`} size={16} onClick={() => onDropFile(file)} />
              ) : (
                <progress value={done} max={Math.max(1, file.size)} aria-label={`Storing ${file.name}`} />
              )}
            </li>
          ))}
        </ul>
      )}
      <div class="composer-row">
        <input
          ref={picker}
          class="only-read"
          type="file"
          multiple
          tabIndex={-1}
          aria-label="Choose files"
          onChange={event => {
            onFiles([...(event.currentTarget.files ?? [])])
            event.currentTarget.value = ''
          }}
        />
        <IconButton icon="clip" label="Attach files" onClick={() => picker.current?.click()} />
        <textarea
          ref={area}
          class="composer-text"
          rows={1}
          value={text}
          aria-label={label}
          placeholder={label}
          maxLength={16_000}
          dir="auto"
          onInput={event => {
            setText(event.currentTarget.value)
            onTyping()
          }}
          onPaste={event => {
            const pasted = [...(event.clipboardData?.files ?? [])]
            if (pasted.length > 0) onFiles(pasted)
          }}
          onKeyDown={event => {
            if (event.key === 'Escape' && draft !== undefined) onCancel()
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
            event.preventDefault()
            void send()
          }}
        />
        <button
          type="submit"
          class="send"
          aria-label="Send"
          disabled={isBusy || (text.trim() === '' && files.length === 0)}
        >
          <Icon name="send" />
        </button>
      </div>
    </form>
  )
}
