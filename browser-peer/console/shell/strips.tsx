import { useIsAway, useTwin, useTwinState } from '../hooks/twin-context.ts'
import type { PageName } from '../hooks/use-route.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { clockTime, count } from '../parts/words.ts'
import type { Trouble } from '../twin.ts'

const troubles: Readonly<Record<Trouble, string>> = {
  'storage-lost':
    'What this browser kept is gone: somebody or something removed it. Your twin has everything; pair this browser again.',
  revoked: 'This browser was shut out of your twin. If that was not you, look at your devices from another one now.',
  'shut-out':
    'Your twin ends every connection of this browser at once, as it does with what was shut out. Look at your devices from another one.',
  expired: 'The certificate of this browser ran out. It is renewed as soon as your twin is reached.'
}

/** This browser is no device any more, and what it keeps is of no use to it. */
const isOver: ReadonlySet<Trouble> = new Set(['storage-lost', 'revoked'])

const pageWithout = 'What this page shows and does comes from it.'
/** What a page is without the twin. */
const without: Readonly<Record<PageName, string>> = {
  chats: 'You can read and write all the same.',
  notes: 'You can read and write all the same.',
  data: 'You can read and write all the same.',
  login: 'You can sign in all the same.',
  people: 'You can write to those you know all the same; to invite or add somebody it takes your twin.',
  settings: 'What only your twin knows is missing here.',
  devices: pageWithout,
  mesh: pageWithout,
  status: pageWithout,
  more: ''
}

export interface StripsProps {
  readonly page: PageName
  /** A link that connects a browser was opened here, where one is connected already */
  readonly isLinkOpened: boolean
  readonly onLinkClosed: () => void
}

/** What has to be known on every page, above it. */
export function Strips({ page, isLinkOpened, onLinkClosed }: StripsProps) {
  const { unsynced, trouble } = useTwinState()
  const isAway = useIsAway()
  const twin = useTwin()
  const toasts = useToasts()
  const again = () =>
    void toasts.attempt(async () => {
      await twin.forget()
      location.reload()
    })
  return (
    <div role="status">
      {trouble !== undefined && (
        <div class="strip" data-kind="bad">
          <Icon name="alert" />
          <p>{troubles[trouble]}</p>
          {isOver.has(trouble) && <Button onClick={again}>Connect it anew</Button>}
        </div>
      )}
      {trouble === undefined && isAway && (
        <div class="strip">
          <Icon name="clock" />
          <p>
            {`Your twin is not reached. ${without[page]}`}
            {unsynced > 0 && ` ${count(unsynced, 'change')} ${unsynced === 1 ? 'goes' : 'go'} out once it is reached.`}
          </p>
        </div>
      )}
      {isLinkOpened && (
        <div class="strip">
          <Icon name="info" />
          <p>This browser is already a device of your twin. Open the link in the other one.</p>
          <IconButton icon="close" label="Close" onClick={onLinkClosed} />
        </div>
      )}
      {twin.visitUntil !== undefined && (
        <div class="strip" data-kind="bad">
          <Icon name="eye" />
          <p>{`Over plain http: looking only, until ${clockTime(twin.visitUntil)}.`}</p>
        </div>
      )}
      {twin.isBorrowed && twin.visitUntil === undefined && (
        <div class="strip">
          <Icon name="info" />
          <p>Borrowed machine: nothing is kept here once you close this tab.</p>
        </div>
      )}
    </div>
  )
}
