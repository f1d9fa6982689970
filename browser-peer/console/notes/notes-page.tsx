import { useEffect, useRef, useState } from 'preact/hooks'
import type { Contact } from '../../../protocols/contacts/protocol.ts'
import { type Note, type Notebook, notesProtocol } from '../../../protocols/notes/protocol.ts'
import { useClient } from '../hooks/twin-context.ts'
import { collect, useLoad } from '../hooks/use-load.ts'
import { go, hrefOf } from '../hooks/use-route.ts'
import { useRoving } from '../hooks/use-roving.ts'
import { useStream } from '../hooks/use-stream.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Empty, Notice, Waiting } from '../parts/notice.tsx'
import { PaneHead, TwoPanes } from '../parts/pane.tsx'
import { ShareWith } from '../parts/share-with.tsx'
import { shortTime } from '../parts/words.ts'
import { NewNotebook } from './new-notebook.tsx'
import { NoteView } from './note-view.tsx'

const settleMs = 400

export function NotesPage({ item, contacts }: { item: string; contacts: readonly Contact[] }) {
  const notes = useClient(notesProtocol)
  const toasts = useToasts()
  const [open, setOpen] = useState<'notebook' | { readonly share: Notebook }>()
  const { value, error, reload } = useLoad(
    async signal => ({
      notebooks: await collect(notes.notebooks({}, { signal })),
      list: await collect(notes.list({}, { signal })),
      offers: await collect(notes.offers({}, { signal })).catch(() => [])
    }),
    [notes]
  )
  let due: ReturnType<typeof setTimeout> | undefined
  useStream(signal => notes.watch({}, { signal }), () => {
    clearTimeout(due)
    due = setTimeout(reload, settleMs)
  }, [notes])
  const chosen = value?.list.find(({ id }) => id === item)
  const notebookOf = ({ notebook }: Note) => value?.notebooks.find(({ id }) => id === notebook)
  const made = useRef<string>(undefined)
  useEffect(() => {
    if (item !== made.current) made.current = undefined
  }, [item])
  const write = (notebook?: string) =>
    void toasts.attempt(async () => {
      const { id } = await notes.create({ text: '# ', ...(notebook !== undefined && { notebook }) })
      made.current = id
      reload()
      go('notes', id)
    })
  const first = chosen?.id ?? value?.list[0]?.id
  const offered = chosen === undefined ? undefined : notebookOf(chosen)
  return (
    <>
      <TwoPanes
        detail={
          item === '' ? undefined : chosen === undefined ? (
            value === undefined ? (
              <Waiting error={error} what="the note" onAgain={reload} />
            ) : (
              <Empty icon="note" title="This note is gone" />
            )
          ) : (
            <NoteView
              key={chosen.id}
              note={chosen}
              notebook={offered}
              isNew={chosen.id === made.current}
              onShare={() => offered !== undefined && setOpen({ share: offered })}
            />
          )
        }
        resting={
          <Empty icon="note" title="Write something">
            <p>Notes are Markdown. Share a notebook, and several people write in it at the same time.</p>
            <Button kind="main" icon="plus" onClick={() => write()}>
              New note
            </Button>
          </Empty>
        }
        list={
          <>
            <PaneHead title="Notes">
              <IconButton icon="book" label="New notebook" onClick={() => setOpen('notebook')} />
              <IconButton icon="plus" label="New note" onClick={() => write()} />
            </PaneHead>
            <div class="scroll">
              {value?.offers.map(({ id, name }) => (
                <div key={id} class="pad">
                  <Notice>
                    <p>
                      The notebook <strong>{name}</strong> is offered to you.
                    </p>
                    <div class="row">
                      <Button onClick={() => void toasts.attempt(() => notes.accept({ notebook: id })).then(reload)}>
                        Accept
                      </Button>
                      <Button
                        kind="quiet"
                        onClick={() => void toasts.attempt(() => notes.decline({ notebook: id })).then(reload)}
                      >
                        Decline
                      </Button>
                    </div>
                  </Notice>
                </div>
              ))}
              {value?.notebooks.map(notebook => (
                <NotebookList
                  key={notebook.id}
                  notebook={notebook}
                  notes={value.list.filter(note => note.notebook === notebook.id)}
                  current={item}
                  stop={first}
                  onWrite={() => write(notebook.id)}
                />
              ))}
              {value === undefined && <Waiting error={error} what="your notes" onAgain={reload} />}
              {value?.list.length === 0 && value.notebooks.length === 0 && (
                <Empty icon="note" title="No notes yet">
                  <p>Yours alone, until you share their notebook.</p>
                  <span class="only-narrow">
                    <Button kind="main" icon="plus" onClick={() => write()}>
                      New note
                    </Button>
                  </span>
                </Empty>
              )}
            </div>
          </>
        }
      />
      {open === 'notebook' && <NewNotebook onClose={() => setOpen(undefined)} onMade={reload} />}
      {typeof open === 'object' && (
        <ShareWith
          title={`Share ${open.share.name}`}
          about="Whoever you choose may read and change every note in this notebook, at the same time as you."
          contacts={contacts}
          onClose={() => setOpen(undefined)}
          onShare={async who => {
            await notes.share({ notebook: open.share.id, who })
            reload()
          }}
        />
      )}
    </>
  )
}

interface NotebookListProps {
  readonly notebook: Notebook
  readonly notes: readonly Note[]
  readonly current: string
  readonly stop: string | undefined
  readonly onWrite: () => void
}

function NotebookList({ notebook, notes, current, stop, onWrite }: NotebookListProps) {
  const onKeyDown = useRoving()
  const members = notebook.members.map(({ name }) => name).join(', ')
  return (
    <section aria-label={notebook.name}>
      <header class="notebook">
        <div class="item-words">
          <h3 class="clip">{notebook.name}</h3>
          {members !== '' && <span class="hint clip">{`with ${members}`}</span>}
        </div>
        {notebook.writable && (
          <IconButton icon="plus" size={16} label={`New note in ${notebook.name}`} onClick={onWrite} />
        )}
      </header>
      <ul class="items" onKeyDown={onKeyDown}>
        {notes.map((note, at) => (
          <li key={note.id}>
            <a
              class="item item-note"
              href={hrefOf('notes', note.id)}
              aria-current={note.id === current}
              data-roving
              tabIndex={note.id === stop || at === 0 ? 0 : -1}
            >
              <span class="item-line">
                <strong class="clip">{note.title || 'Without a title'}</strong>
                {note.updated !== undefined && <span class="dim">{shortTime(note.updated)}</span>}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
