import { useEffect, useRef, useState } from 'preact/hooks'
import { type Note, type Notebook, notesProtocol } from '../../../protocols/notes/protocol.ts'
import { useClient, useTwin } from '../hooks/twin-context.ts'
import { asError } from '../hooks/use-load.ts'
import { go } from '../hooks/use-route.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { IconButton } from '../parts/button.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Waiting } from '../parts/notice.tsx'
import { BackLink } from '../parts/pane.tsx'
import type { LiveText } from '../twin.ts'

interface NoteViewProps {
  readonly note: Note
  readonly notebook: Notebook | undefined
  /** Made a moment ago: one types its title at once */
  readonly isNew: boolean
  readonly onShare: () => void
}

const stateWords = { saved: 'Saved', saving: 'Saving…', unsaved: 'Not saved yet: the store takes nothing now' } as const

export function NoteView({ note, notebook, isNew, onShare }: NoteViewProps) {
  const notes = useClient(notesProtocol)
  const toasts = useToasts()
  const { live, error, round } = useLiveText(note.id)
  const host = useRef<HTMLDivElement>(null)
  const [isAsked, setIsAsked] = useState(false)
  const others = usePresence(live)
  useEffect(() => {
    const element = host.current
    if (live === undefined || element === null) return
    let unmount: (() => void) | undefined
    let isOver = false
    // The editor is a quarter of the console: it comes when the first note is opened
    void import('./editor.ts').then(({ mountEditor }) => {
      if (!isOver) unmount = mountEditor(element, live, live.isWritable, isNew)
    })
    return () => {
      isOver = true
      unmount?.()
    }
  }, [live, round])
  return (
    <div class="note">
      <header class="pane-head">
        <BackLink page="notes" label="All notes" />
        <div class="item-words">
          <h2 class="clip">{note.title || 'Without a title'}</h2>
          <p class="dim note-state clip" aria-live="polite">
            {notebook?.name ?? ''}
            {live !== undefined && ` · ${live.isWritable ? stateWords[live.state] : 'You may read this'}`}
          </p>
        </div>
        {others.length > 0 && (
          <p class="chip presence" data-kind="good" aria-live="polite">
            {`${others.map(toWords).join(', ')} ${others.length === 1 ? 'is' : 'are'} here`}
          </p>
        )}
        <div class="pane-actions">
          {notebook?.kind !== 'received' && <IconButton icon="share" label="Share this notebook" onClick={onShare} />}
          <IconButton icon="trash" label="Delete this note" onClick={() => setIsAsked(true)} />
        </div>
      </header>
      {live === undefined ? (
        <Waiting error={error} what="the note" />
      ) : (
        <div ref={host} key={round} class="note-text" />
      )}
      {isAsked && (
        <Confirm
          title="Delete this note?"
          action="Delete"
          onClose={() => setIsAsked(false)}
          onConfirm={() =>
            void toasts
              .attempt(() => notes.delete({ note: note.id }))
              .then(deleted => {
                if (deleted !== undefined) go('notes')
              })
          }
        >
          <p>It disappears for everybody in the notebook.</p>
        </Confirm>
      )}
    </div>
  )
}

function useLiveText(note: string): { live: LiveText | undefined; error: Error | undefined; round: number } {
  const twin = useTwin()
  const [live, setLive] = useState<LiveText>()
  const [error, setError] = useState<Error>()
  const [round, setRound] = useState(0)
  const [, setState] = useState<string>()
  useEffect(() => {
    let isOver = false
    const undo: (() => void)[] = []
    setLive(undefined)
    setError(undefined)
    twin.openText(note).then(
      opened => {
        undo.push(() => opened.close())
        if (isOver) return opened.close()
        undo.push(opened.onReplaced(() => setRound(now => now + 1)))
        undo.push(opened.onState(() => setState(opened.state)))
        setLive(opened)
      },
      thrown => {
        if (!isOver) setError(asError(thrown))
      }
    )
    return () => {
      isOver = true
      for (const step of undo.reverse()) step()
    }
  }, [twin, note])
  return { live, error, round }
}

interface Present {
  readonly name: string
  /** From browser to browser: this goes on when no twin is in reach */
  readonly isDirect: boolean
}

function toWords({ name, isDirect }: Present): string {
  return isDirect ? `${name} (directly)` : name
}

/** Those whose cursor is in the text, and how they are reached. */
function usePresence(live: LiveText | undefined): readonly Present[] {
  const [present, setPresent] = useState<readonly Present[]>([])
  useEffect(() => {
    if (live === undefined) return setPresent([])
    const { awareness } = live
    const read = () => {
      const byName = new Map<string, Present>()
      for (const [client, state] of awareness.getStates()) {
        const full: unknown = state.user?.name
        if (client === awareness.clientID || typeof full !== 'string' || full === '') continue
        const name = full.slice(0, 40)
        // Somebody may be here with several devices
        byName.set(name, { name, isDirect: live.isDirect(client) || byName.get(name)?.isDirect === true })
      }
      const found = [...byName.values()]
      // A cursor that moves is news for the editor alone
      setPresent(known => (JSON.stringify(known) === JSON.stringify(found) ? known : found))
    }
    read()
    awareness.on('change', read)
    const stop = live.onPeers(read)
    return () => {
      awareness.off('change', read)
      stop()
    }
  }, [live])
  return present
}
