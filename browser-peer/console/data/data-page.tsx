import { useState } from 'preact/hooks'
import type { Contact } from '../../../protocols/contacts/protocol.ts'
import { type Client, ProtocolError } from '../../../protocols/core/index.ts'
import { defaultNamespace, type KvItem, kvProtocol } from '../../../protocols/kv/protocol.ts'
import { useClient, useTwin } from '../hooks/twin-context.ts'
import { collect, useLoad } from '../hooks/use-load.ts'
import { go, hrefOf } from '../hooks/use-route.ts'
import { useRoving } from '../hooks/use-roving.ts'
import { useStream } from '../hooks/use-stream.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { Empty, Notice, Waiting } from '../parts/notice.tsx'
import { PaneHead, TwoPanes } from '../parts/pane.tsx'
import { ShareWith } from '../parts/share-with.tsx'
import { shortTime } from '../parts/words.ts'
import { EntryView } from './entry-view.tsx'
import { kindOf, summary } from './value-words.ts'

const pageSize = 100
/** In the address, in place of a key: no key begins with a control character that nobody types */
const newKey = '\u0001new'
const marks = { text: 'Aa', json: '{ }', bytes: '01', file: 'file' } as const

export function DataPage({ item, contacts }: { item: string; contacts: readonly Contact[] }) {
  const twin = useTwin()
  const kv = useClient(kvProtocol)
  const toasts = useToasts()
  const onKeyDown = useRoving()
  const [space, setSpace] = useState<string>(defaultNamespace)
  const [prefix, setPrefix] = useState('')
  const [limit, setLimit] = useState(pageSize)
  const [isSharing, setIsSharing] = useState(false)
  const spaces = useLoad(
    async signal => ({
      all: await collect(kv.namespaces({}, { signal })),
      offers: await collect(kv.offers({}, { signal })).catch(() => [])
    }),
    [kv]
  )
  const entries = useLoad(
    signal => collect(kv.list({ space, prefix, limit: limit + 1 }, { signal })),
    [kv, space, prefix, limit]
  )
  const isKey = item !== '' && item !== newKey
  // Also when the list does not go so far, or shows other keys
  const open = useLoad(
    async signal => ({ space, key: item, entry: isKey ? await find(kv, { space, key: item }, signal) : undefined }),
    [kv, space, item]
  )
  const isRead = open.value?.key === item && open.value.space === space
  useStream(signal => kv.watch({ space }, { signal }), () => {
    entries.reload()
    open.reload()
  }, [kv, space])
  const shown = entries.value?.slice(0, limit)
  const here = spaces.value?.all.find(({ name }) => name === space)
  const names = [...new Set([defaultNamespace, ...(spaces.value?.all ?? []).map(({ name }) => name), space])]
  const whoIs = (id: string) => (id === twin.id ? 'You' : contacts.find(contact => contact.id === id)?.name)
  const first = shown?.find(({ key }) => key === item)?.key ?? shown?.[0]?.key
  return (
    <>
      <TwoPanes
        detail={
          item === newKey ? (
            <EntryView
              key={`${space} new`}
              space={space}
              name={undefined}
              entry={undefined}
              whoIs={whoIs}
              onSaved={key => {
                entries.reload()
                spaces.reload()
                go('data', key)
              }}
              onDeleted={() => {}}
            />
          ) : item === '' ? undefined : !isRead ? (
            <Waiting error={open.error} what="the value" />
          ) : (
            <EntryView
              key={`${space} ${item}`}
              space={space}
              name={item}
              entry={open.value?.entry}
              whoIs={whoIs}
              onSaved={() => {
                entries.reload()
                open.reload()
              }}
              onDeleted={() => {
                entries.reload()
                go('data')
              }}
            />
          )
        }
        resting={
          <Empty icon="data" title="Values by name">
            <p>What programs of yours keep: settings, readings, lists. The same on all of your devices.</p>
          </Empty>
        }
        list={
          <>
            <PaneHead title="Data">
              <IconButton icon="share" label="Share this namespace" onClick={() => setIsSharing(true)} />
              <IconButton icon="plus" label="New value" onClick={() => go('data', newKey)} />
            </PaneHead>
            <div class="data-tools">
              <label class="only-read" for="space">
                Namespace
              </label>
              <select
                id="space"
                class="select"
                value={space}
                onChange={event => {
                  setSpace(event.currentTarget.value)
                  setLimit(pageSize)
                  go('data')
                }}
              >
                {names.map(name => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
              {here !== undefined && here.kind !== 'private' && (
                <p class="hint">
                  {here.kind === 'received' ? 'Shared with you by ' : 'Shared with '}
                  {here.members.map(({ name }) => name).join(', ')}
                </p>
              )}
            </div>
            <div class="searchbox">
              <Icon name="search" size={18} />
              <input
                class="input"
                type="search"
                aria-label="Only keys that begin with"
                placeholder="Keys that begin with…"
                value={prefix}
                onInput={event => {
                  setPrefix(event.currentTarget.value)
                  setLimit(pageSize)
                }}
              />
            </div>
            <div class="scroll">
              {spaces.value?.offers.map(({ name }) => (
                <div key={name} class="pad">
                  <Notice>
                    <p>
                      <strong>{name}</strong> is offered to you.
                    </p>
                    <div>
                      <Button
                        onClick={() =>
                          void toasts.attempt(async () => {
                            await kv.accept({ name })
                            spaces.reload()
                            setSpace(name)
                          })
                        }
                      >
                        Accept
                      </Button>
                    </div>
                  </Notice>
                </div>
              ))}
              <ul class="items" onKeyDown={onKeyDown} aria-label="Values">
                {shown?.map(entry => (
                  <EntryItem
                    key={entry.key}
                    entry={entry}
                    isCurrent={entry.key === item}
                    isStop={entry.key === first}
                  />
                ))}
              </ul>
              {shown === undefined && <Waiting error={entries.error} what="the values" />}
              {shown?.length === 0 && (
                <Empty icon="data" title={prefix === '' ? 'Nothing stored here' : 'No key begins like that'} />
              )}
              {(entries.value?.length ?? 0) > limit && (
                <div class="pad">
                  <Button onClick={() => setLimit(limit + pageSize)}>Show more</Button>
                </div>
              )}
            </div>
          </>
        }
      />
      {isSharing && (
        <ShareWith
          title={`Share ${space}`}
          about="Whoever you choose may read and change every value in this namespace."
          contacts={contacts}
          onClose={() => setIsSharing(false)}
          onShare={async who => {
            await kv.share({ namespace: space, who })
            spaces.reload()
          }}
        />
      )}
    </>
  )
}

async function find(
  kv: Client<typeof kvProtocol>,
  at: { key: string; space: string },
  signal: AbortSignal
): Promise<KvItem | undefined> {
  try {
    return await kv.get(at, { signal })
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'NotFound') return undefined
    throw error
  }
}

function EntryItem({ entry, isCurrent, isStop }: { entry: KvItem; isCurrent: boolean; isStop: boolean }) {
  return (
    <li>
      <a
        class="item item-data"
        href={hrefOf('data', entry.key)}
        aria-current={isCurrent}
        data-roving
        tabIndex={isStop ? 0 : -1}
      >
        <span class="item-words">
          <span class="item-line">
            <strong class="clip code">{entry.key}</strong>
            <span class="dim">{shortTime(entry.at)}</span>
          </span>
          <span class="item-line">
            <span class="kind">{marks[kindOf(entry)]}</span>
            <span class="clip">{summary(entry)}</span>
          </span>
        </span>
      </a>
    </li>
  )
}
