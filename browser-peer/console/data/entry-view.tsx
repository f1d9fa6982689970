import { useState } from 'preact/hooks'
import { type KvItem, kvProtocol, maxKeyBytes } from '../../../protocols/kv/protocol.ts'
import { Attachment } from '../chat/attachment.tsx'
import { useClient } from '../hooks/twin-context.ts'
import { asError } from '../hooks/use-load.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Field } from '../parts/field.tsx'
import { BackLink } from '../parts/pane.tsx'
import { clockTime, dateWords, shortId } from '../parts/words.ts'
import { kindOf, readValue, type ValueKind, writeValue } from './value-words.ts'

interface EntryViewProps {
  readonly space: string
  /** Undefined for a new one */
  readonly entry: KvItem | undefined
  readonly whoIs: (twin: string) => string | undefined
  readonly onSaved: (key: string) => void
  readonly onDeleted: () => void
}

const kinds: readonly (readonly [ValueKind, string])[] = [
  ['text', 'Text'],
  ['json', 'JSON'],
  ['bytes', 'Bytes']
]

export function EntryView({ space, entry, whoIs, onSaved, onDeleted }: EntryViewProps) {
  const kv = useClient(kvProtocol)
  const toasts = useToasts()
  const [key, setKey] = useState(entry?.key ?? '')
  const [kind, setKind] = useState<ValueKind>(entry === undefined ? 'text' : kindOf(entry))
  const [text, setText] = useState(entry === undefined ? '' : writeValue(entry.value))
  const [problem, setProblem] = useState<string>()
  const [isAsked, setIsAsked] = useState(false)
  const isFile = kind === 'file'
  const save = async () => {
    try {
      const value = readValue(text, kind)
      // Over what was shown, and nothing else: somebody may have written it meanwhile
      await kv.put({ key, value, space, expected: entry?.version ?? '' })
      setProblem(undefined)
      toasts.say('Stored')
      onSaved(key)
    } catch (error) {
      setProblem(asError(error).message)
    }
  }
  const change = (next: ValueKind) => {
    setKind(next)
    setProblem(undefined)
  }
  return (
    <form
      class="scroll entry"
      onSubmit={event => {
        event.preventDefault()
        void save()
      }}
    >
      <header class="pane-head">
        <BackLink page="data" label="All values" />
        <h2 class="clip">{entry?.key ?? 'New value'}</h2>
        <div class="pane-actions">
          {entry !== undefined && (
            <IconButton icon="trash" label="Delete this value" onClick={() => setIsAsked(true)} />
          )}
        </div>
      </header>
      <div class="entry-body">
        {entry === undefined && (
          <Field
            label="Key"
            value={key}
            onInput={setKey}
            isCode
            maxLength={maxKeyBytes}
            placeholder="lights/kitchen"
            autoFocus
          />
        )}
        {isFile && entry?.blob !== undefined ? (
          <Attachment reference={entry.blob} />
        ) : (
          <>
            <fieldset class="segments">
              <legend class="only-read">Kind of value</legend>
              {kinds.map(([name, title]) => (
                <label key={name}>
                  <input type="radio" name="kind" checked={kind === name} onChange={() => change(name)} />
                  {title}
                </label>
              ))}
            </fieldset>
            <Field
              label="Value"
              value={text}
              onInput={setText}
              isLong
              isCode
              {...(problem !== undefined && { problem })}
            />
            <div class="row">
              <Button kind="main" type="submit" disabled={key === ''}>
                Save
              </Button>
            </div>
          </>
        )}
        {entry !== undefined && (
          <dl class="facts">
            <dt>Written</dt>
            <dd>{`${dateWords(entry.at)}, ${clockTime(entry.at)}`}</dd>
            <dt>By</dt>
            <dd>{`${whoIs(entry.by.twin) ?? shortId(entry.by.twin)}, device ${entry.by.device}`}</dd>
            <dt>Version</dt>
            <dd class="code">{entry.version}</dd>
          </dl>
        )}
      </div>
      {isAsked && entry !== undefined && (
        <Confirm
          title="Delete this value?"
          action="Delete"
          onClose={() => setIsAsked(false)}
          onConfirm={() =>
            void toasts
              .attempt(() => kv.delete({ key: entry.key, space, expected: entry.version }))
              .then(deleted => {
                if (deleted !== undefined) onDeleted()
              })
          }
        >
          <p>
            <code>{entry.key}</code> disappears for everybody who shares it.
          </p>
        </Confirm>
      )}
    </form>
  )
}
