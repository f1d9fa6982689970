import { useLayoutEffect, useState } from 'preact/hooks'
import { type KvItem, kvProtocol, maxKeyBytes } from '../../../protocols/kv/protocol.ts'
import { Attachment } from '../chat/attachment.tsx'
import { useClient, useTwin } from '../hooks/twin-context.ts'
import { asError } from '../hooks/use-load.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Field } from '../parts/field.tsx'
import { Empty, Notice } from '../parts/notice.tsx'
import { BackLink } from '../parts/pane.tsx'
import { clockTime, dateWords, shortId } from '../parts/words.ts'
import { kindOf, readValue, summary, type ValueKind, writeValue } from './value-words.ts'

interface EntryViewProps {
  readonly space: string
  /** The key; undefined for a new one */
  readonly name: string | undefined
  /** What stands there now; undefined for nothing */
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

export function EntryView({ space, name, entry, whoIs, onSaved, onDeleted }: EntryViewProps) {
  const kv = useClient(kvProtocol)
  const toasts = useToasts()
  const [key, setKey] = useState(name ?? '')
  const [base, setBase] = useState(() => baseOf(entry))
  const [kind, setKind] = useState(base.kind)
  const [text, setText] = useState(base.text)
  /** A save, until what it stored has come back here */
  const [saving, setSaving] = useState<{ readonly over: string | undefined; readonly isStored: boolean }>()
  const [problem, setProblem] = useState<string>()
  const [isAsked, setIsAsked] = useState(false)
  const isFile = kind === 'file'
  const isTouched = text !== base.text || kind !== base.kind
  const isOwn = saving !== undefined && (!saving.isStored || entry?.version === saving.over)
  const isNews = entry?.version !== base.version && !isOwn
  const take = () => {
    const next = baseOf(entry)
    setBase(next)
    setKind(next.kind)
    setText(next.text)
    setProblem(undefined)
  }
  const keep = () => {
    setBase(baseOf(entry))
    setProblem(undefined)
  }
  useLayoutEffect(() => {
    if (isNews && !isTouched) take()
    if (saving?.isStored && !isOwn) setSaving(undefined)
  })
  const save = async () => {
    try {
      const value = readValue(text, kind)
      setSaving({ over: base.version, isStored: false })
      // Over what was shown, and nothing else: somebody may have written it meanwhile
      const { version } = await kv.put({ key, value, space, expected: base.version ?? '' })
      setBase({ version, kind, text })
      setSaving({ over: base.version, isStored: true })
      setProblem(undefined)
      toasts.say('Stored')
      onSaved(key)
    } catch (error) {
      setSaving(undefined)
      setProblem(asError(error).message)
    }
  }
  const change = (next: ValueKind) => {
    setKind(next)
    setProblem(undefined)
  }
  if (name !== undefined && entry === undefined && !isTouched && saving === undefined) {
    return <Empty icon="data" title="No such value here" />
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
        <h2 class="clip">{name ?? 'New value'}</h2>
        <div class="pane-actions">
          {entry !== undefined && (
            <IconButton icon="trash" label="Delete this value" onClick={() => setIsAsked(true)} />
          )}
        </div>
      </header>
      <div class="entry-body">
        {name === undefined && (
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
            {isNews && isTouched && <Meanwhile entry={entry} whoIs={whoIs} onTake={take} onKeep={keep} />}
            <Field
              label="Value"
              value={text}
              onInput={setText}
              isLong
              isCode
              {...(problem !== undefined && { problem })}
            />
            <div class="row">
              <Button kind="main" type="submit" disabled={key === '' || isNews || saving?.isStored === false}>
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

interface MeanwhileProps extends Pick<EntryViewProps, 'entry' | 'whoIs'> {
  readonly onTake: () => void
  readonly onKeep: () => void
}

/** Somebody wrote it while it was being changed here: one of the two has to go, and nobody else knows which. */
function Meanwhile({ entry, whoIs, onTake, onKeep }: MeanwhileProps) {
  const twin = useTwin()
  const nameOf = (id: string) => (id === twin.id ? 'Another device of yours' : (whoIs(id) ?? shortId(id)))
  return (
    <div role="status">
      <Notice kind="warn">
        {entry === undefined ? (
          <p>This value was deleted meanwhile.</p>
        ) : (
          <>
            <p>{`${nameOf(entry.by.twin)} changed this value meanwhile:`}</p>
            <p class="code clip">{summary(entry)}</p>
          </>
        )}
        <div class="row">
          <Button onClick={onTake}>{entry === undefined ? 'Let it go' : 'Take theirs'}</Button>
          <Button onClick={onKeep}>Keep mine</Button>
        </div>
      </Notice>
    </div>
  )
}

/** What stands in the form before it is changed, and the version that it is stored over. */
function baseOf(entry: KvItem | undefined): { version: string | undefined; kind: ValueKind; text: string } {
  if (entry === undefined) return { version: undefined, kind: 'text', text: '' }
  return { version: entry.version, kind: kindOf(entry), text: writeValue(entry.value) }
}
