import type { ComponentType } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { profileProtocol } from '../../../protocols/profile/protocol.ts'
import { ChatsPage } from '../chat/chats-page.tsx'
import { useConversations } from '../chat/use-conversations.ts'
import { useNewDevices } from '../devices/use-new-devices.ts'
import { TwinContext, useClient, useTwin } from '../hooks/twin-context.ts'
import { type PageName, useRoute } from '../hooks/use-route.ts'
import { useStream } from '../hooks/use-stream.ts'
import { ToastContext, ToastListContext, useToastList } from '../hooks/use-toast.ts'
import { Waiting } from '../parts/notice.tsx'
import { ToastList } from '../parts/toast-list.tsx'
import { PeoplePage } from '../people/people-page.tsx'
import { useContacts } from '../people/use-contacts.ts'
import type { ConsoleTwin } from '../twin.ts'
import { MorePage } from './more-page.tsx'
import { BottomBar, SideBar } from './nav.tsx'
import { useShortcuts } from './shortcuts.ts'
import { Strips, type StripsProps } from './strips.tsx'

/** Pages that are loaded when they are first looked at. */
const later = {
  notes: () => import('../notes/notes-page.tsx').then(({ NotesPage }) => NotesPage),
  data: () => import('../data/data-page.tsx').then(({ DataPage }) => DataPage),
  devices: () => import('../devices/devices-page.tsx').then(({ DevicesPage }) => DevicesPage),
  mesh: () => import('../mesh/mesh-page.tsx').then(({ MeshPage }) => MeshPage),
  status: () => import('../status/status-page.tsx').then(({ StatusPage }) => StatusPage),
  settings: () => import('../settings/settings-page.tsx').then(({ SettingsPage }) => SettingsPage),
  login: () => import('../login/login-page.tsx').then(({ LoginPage }) => LoginPage)
} as const

interface AppProps extends Omit<StripsProps, 'page'> {
  readonly twin: ConsoleTwin
}

/** The console of a connected browser. */
export function App({ twin, ...opened }: AppProps) {
  const { list, toasts } = useToastList()
  return (
    <TwinContext.Provider value={twin}>
      <ToastContext.Provider value={toasts}>
        <ToastListContext.Provider value={list}>
          <Frame {...opened} />
          <ToastList />
        </ToastListContext.Provider>
      </ToastContext.Provider>
    </TwinContext.Provider>
  )
}

const titles: Readonly<Record<PageName, string>> = {
  chats: 'Conversations',
  people: 'People',
  notes: 'Notes',
  data: 'Data',
  devices: 'Devices',
  mesh: 'Mesh',
  status: 'Status',
  settings: 'Settings',
  login: 'Sign in',
  more: 'More'
}

function Frame(opened: Omit<StripsProps, 'page'>) {
  const twin = useTwin()
  const { page, item } = useRoute()
  const conversations = useConversations()
  const people = useContacts()
  const profile = useClient(profileProtocol)
  const [ownName, setOwnName] = useState<string>()
  useStream(
    signal => profile.watch({}, { signal }),
    ({ name }) => setOwnName(name),
    [profile]
  )
  const news = useNewDevices()
  const main = useRef<HTMLElement>(null)
  useShortcuts()
  const contacts = people.value ?? []
  const knocks = contacts.filter(({ state }) => state === 'knocking').length
  const others = news.value?.filter(({ number }) => number !== twin.deviceNumber) ?? []
  const marks = { chats: conversations.unread, people: knocks, devices: others.length }
  useEffect(() => {
    const count = conversations.unread === 0 ? '' : `(${conversations.unread}) `
    document.title = `${count}${titles[page]} · Twinmesh`
  }, [page, conversations.unread])
  const name = ownName ?? ''
  return (
    <div class="frame" data-full={item !== '' && page !== 'more'} data-looks={twin.isViewOnly}>
      <button type="button" class="skip button" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <SideBar page={page} marks={marks} name={name} />
      <main class="main" id="main" ref={main} tabIndex={-1}>
        <Strips page={page} {...opened} />
        <div class="main-page" key={page}>
          {page === 'chats' && <ChatsPage item={item} conversations={conversations} contacts={contacts} />}
          {page === 'people' && <PeoplePage item={item} people={people} name={ownName} />}
          {page === 'notes' && <Later load={later.notes} show={Page => <Page item={item} contacts={contacts} />} />}
          {page === 'data' && <Later load={later.data} show={Page => <Page item={item} contacts={contacts} />} />}
          {page === 'devices' && <Later load={later.devices} show={Page => <Page news={news} />} />}
          {page === 'mesh' && <Later load={later.mesh} show={Page => <Page contacts={contacts} name={name} />} />}
          {page === 'status' && <Later load={later.status} show={Page => <Page />} />}
          {page === 'settings' && <Later load={later.settings} show={Page => <Page />} />}
          {page === 'login' && <Later load={later.login} show={Page => <Page item={item} name={name} />} />}
          {page === 'more' && <MorePage name={name} marks={marks} />}
        </div>
      </main>
      <BottomBar page={page} marks={marks} />
    </div>
  )
}

interface LaterProps<P> {
  readonly load: () => Promise<ComponentType<P>>
  readonly show: (page: ComponentType<P>) => preact.JSX.Element
}

function Later<P>({ load, show }: LaterProps<P>) {
  const [loaded, setLoaded] = useState<{ readonly page: ComponentType<P> }>()
  const [error, setError] = useState<Error>()
  const bring = () => void load().then(page => setLoaded({ page }), setError)
  useEffect(bring, [load])
  return loaded === undefined ? <Waiting error={error} what="this page" onAgain={bring} /> : show(loaded.page)
}
