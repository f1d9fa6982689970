import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { byteSize } from '../parts/words.ts'
import { stopDraft } from './draft.ts'
import type { Writing } from './use-writing.ts'

interface ComposerProps {
  readonly label: string
  readonly writing: Writing
  readonly area: RefObject<HTMLTextAreaElement | null>
  readonly isTypingTold: boolean
}

export function Composer({ label, writing, area, isTypingTold }: ComposerProps) {
  const { draft, files, isBusy, change, addFiles, dropFile } = writing
  const { text, about } = draft
  const hasFiles = files.length > 0 && about?.kind !== 'edit'
  const picker = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const element = area.current
    if (element === null) return
    element.style.height = 'auto'
    element.style.height = `${Math.min(element.scrollHeight, 200)}px`
  }, [text])
  const send = () => {
    area.current?.focus()
    void writing.send()
  }
  const stop = () => {
    area.current?.focus()
    change(stopDraft)
  }
  return (
    <form
      class="composer"
      onSubmit={event => {
        event.preventDefault()
        send()
      }}
    >
      {about !== undefined && (
        <div class="composer-draft">
          <Icon name={about.kind} size={18} />
          <span class="clip">
            {about.kind === 'edit' ? 'Changing your message' : `Answering: ${about.message.text}`}
          </span>
          <IconButton icon="close" label="Stop that" size={18} onClick={stop} />
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
                <IconButton icon="close" label={`Leave out ${file.name}`} size={16} onClick={() => dropFile(file)} />
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
            addFiles([...(event.currentTarget.files ?? [])])
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
            const { value } = event.currentTarget
            change(now => ({ ...now, text: value }))
            if (isTypingTold) writing.tellTyping()
          }}
          onPaste={event => {
            const pasted = [...(event.clipboardData?.files ?? [])]
            if (pasted.length > 0) addFiles(pasted)
          }}
          onKeyDown={event => {
            if (event.isComposing) return
            if (event.key === 'Escape' && about !== undefined) stop()
            if (event.key !== 'Enter' || event.shiftKey) return
            event.preventDefault()
            send()
          }}
        />
        <button type="submit" class="send" aria-label="Send" disabled={isBusy || (text.trim() === '' && !hasFiles)}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  )
}
