import { useEffect, useState } from 'preact/hooks'
import { nodeProtocol } from '../../../protocols/node/protocol.ts'
import { maxAboutLength, maxNameLength, profileProtocol } from '../../../protocols/profile/protocol.ts'
import { useClient, useTwin, useTwinState } from '../hooks/twin-context.ts'
import { useLoad } from '../hooks/use-load.ts'
import { useTheme } from '../hooks/use-theme.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { SitesCard } from '../login/sites-card.tsx'
import { Button } from '../parts/button.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Copyable } from '../parts/copyable.tsx'
import { Field } from '../parts/field.tsx'
import { Notice, Waiting } from '../parts/notice.tsx'
import { byteSize, count } from '../parts/words.ts'
import { themes } from '../theme.ts'
import { Rehearsal } from './rehearsal.tsx'

const themeWords = { system: 'As the system', light: 'Light', dark: 'Dark' } as const

export function SettingsPage() {
  return (
    <div class="page">
      <div class="page-body">
        <header class="page-title">
          <h1>Settings</h1>
        </header>
        <ProfileCard />
        <ThemeCard />
        <Rehearsal />
        <SitesCard />
        <BrowserCard />
      </div>
    </div>
  )
}

function ProfileCard() {
  const twin = useTwin()
  const profile = useClient(profileProtocol)
  const toasts = useToasts()
  const { value, error, reload } = useLoad(signal => profile.get({}, { signal }), [profile])
  const [name, setName] = useState('')
  const [about, setAbout] = useState('')
  useEffect(() => {
    if (value === undefined) return
    setName(value.name)
    setAbout(value.about)
  }, [value])
  const isChanged = value !== undefined && (value.name !== name || value.about !== about)
  return (
    <form
      class="card stack"
      onSubmit={event => {
        event.preventDefault()
        void toasts
          .attempt(() => profile.set({ name: name.trim(), about }))
          .then(saved => {
            if (saved !== undefined) toasts.say('Saved')
          })
      }}
    >
      <h2>You</h2>
      {value === undefined && <Waiting error={error} what="what you say of yourself" onAgain={reload} />}
      {value !== undefined && twin.isViewOnly && (
        <dl class="facts">
          <dt>Name</dt>
          <dd>{value.name === '' ? 'Nothing' : value.name}</dd>
          <dt>About you</dt>
          <dd>{value.about === '' ? 'Nothing' : value.about}</dd>
        </dl>
      )}
      {value !== undefined && !twin.isViewOnly && (
        <>
          <Field
            label="Name"
            value={name}
            onInput={setName}
            maxLength={maxNameLength}
            hint="Everybody whom you ask to be a contact sees it."
          />
          <Field
            label="A few lines about you"
            value={about}
            onInput={setAbout}
            isLong
            maxLength={maxAboutLength}
            hint="Only your contacts see this."
          />
          <div class="row">
            <Button kind="main" type="submit" disabled={!isChanged}>
              Save
            </Button>
          </div>
        </>
      )}
      <div class="stack-small">
        <h3>Your twin id</h3>
        <Copyable text={twin.id} what="your twin id" />
      </div>
    </form>
  )
}

function ThemeCard() {
  const [theme, setTheme] = useTheme(!useTwin().isBorrowed)
  return (
    <section class="card settings-row">
      <h2>Appearance</h2>
      <fieldset class="segments">
        <legend class="only-read">Theme</legend>
        {themes.map(name => (
          <label key={name}>
            <input type="radio" name="theme" checked={theme === name} onChange={() => setTheme(name)} />
            {themeWords[name]}
          </label>
        ))}
      </fieldset>
    </section>
  )
}

function BrowserCard() {
  const twin = useTwin()
  const node = useClient(nodeProtocol)
  const { unsynced } = useTwinState()
  const toasts = useToasts()
  const { value: status } = useLoad(signal => node.status({}, { signal }), [node])
  const { value: storage } = useLoad(async () => {
    // Of a page over plain http nothing is kept, and nothing is told
    if (!('storage' in navigator)) return undefined
    const { usage = 0 } = await navigator.storage.estimate()
    return { usage, isPersisted: await navigator.storage.persisted() }
  }, [])
  const [isAsked, setIsAsked] = useState(false)
  return (
    <section class="card stack">
      <h2>This browser</h2>
      {twin.isBorrowed && (
        <Notice kind="warn">
          <strong>Borrowed machine</strong>
          <p>Nothing is kept here: close the tab, and this device is gone.</p>
        </Notice>
      )}
      <dl class="facts">
        <dt>Device</dt>
        <dd>{`Number ${twin.deviceNumber}`}</dd>
        <dt>Keeps here</dt>
        <dd>
          {storage === undefined ? '' : byteSize(storage.usage)}
          {storage !== undefined &&
            !twin.isBorrowed &&
            (storage.isPersisted ? ', kept until you remove it' : ', as a copy that the browser may drop')}
        </dd>
        <dt>Not on your twin yet</dt>
        <dd>{unsynced === 0 ? 'Nothing' : count(unsynced, 'change')}</dd>
        {status?.console !== undefined && (
          <>
            <dt>Console at</dt>
            <dd class="code">{status.console}</dd>
          </>
        )}
      </dl>
      <p class="hint">
        What is here is a copy. Your twin has everything, and nothing is lost when this browser forgets.
      </p>
      <div class="row">
        {storage?.isPersisted === false && !twin.isBorrowed && (
          <Button
            onClick={() =>
              void toasts.attempt(async () => {
                const isKept = await navigator.storage.persist()
                toasts.say(isKept ? 'The browser keeps it now' : 'The browser did not agree')
              })
            }
          >
            Keep it for good
          </Button>
        )}
        <Button kind="danger" onClick={() => setIsAsked(true)}>
          Forget this browser
        </Button>
      </div>
      {isAsked && (
        <Confirm
          title="Forget this browser?"
          action="Forget"
          onClose={() => setIsAsked(false)}
          onConfirm={() =>
            void toasts.attempt(async () => {
              await twin.forget()
              location.reload()
            })
          }
        >
          <p>Its keys and its copy of your data are removed. To use it again you pair it as a new device.</p>
          {unsynced > 0 && (
            <Notice kind="bad">{`${count(unsynced, 'change')} made here would be lost: wait until your twin is reached.`}</Notice>
          )}
        </Confirm>
      )}
    </section>
  )
}
