import { useTwin, useTwinState } from '../hooks/twin-context.ts'
import { hrefOf, type PageName } from '../hooks/use-route.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Logo } from '../parts/logo.tsx'
import type { ConsolePath } from '../twin.ts'

interface Entry {
  readonly page: PageName
  readonly title: string
  readonly icon: IconName
}

const daily: readonly Entry[] = [
  { page: 'chats', title: 'Conversations', icon: 'chat' },
  { page: 'people', title: 'People', icon: 'people' },
  { page: 'notes', title: 'Notes', icon: 'note' },
  { page: 'data', title: 'Data', icon: 'data' }
]

export const twinEntries: readonly Entry[] = [
  { page: 'devices', title: 'Devices', icon: 'devices' },
  { page: 'mesh', title: 'Mesh', icon: 'mesh' },
  { page: 'status', title: 'Status', icon: 'status' },
  { page: 'settings', title: 'Settings', icon: 'settings' }
]

const pathWords: Readonly<Record<ConsolePath, string>> = {
  loopback: 'On this machine',
  lan: 'In your network',
  public: 'Connected directly',
  'hole-punched': 'Connected directly',
  relayed: 'Through a relay'
}

export interface NavProps {
  readonly page: PageName
  readonly marks: Partial<Readonly<Record<PageName, number>>>
}

export function SideBar({ page, marks, name }: NavProps & { readonly name: string }) {
  const twin = useTwin()
  const { path } = useTwinState()
  return (
    <header class="side">
      <p class="brand">
        <Logo />
        Twinmesh
      </p>
      <nav aria-label="Pages">
        <ul class="nav">{daily.map(entry => link(entry, page, marks))}</ul>
        <p class="nav-title">Your twin</p>
        <ul class="nav">{twinEntries.map(entry => link(entry, page, marks))}</ul>
      </nav>
      <a class="me" href={hrefOf('settings')}>
        <Avatar id={twin.id} name={name || 'You'} size={36} />
        <span class="me-words">
          <strong class="clip">{name || 'You'}</strong>
          <span class="path" data-path={path ?? 'none'}>
            {path === undefined ? 'Twin not reached' : pathWords[path]}
          </span>
        </span>
      </a>
    </header>
  )
}

export function BottomBar({ page, marks }: NavProps) {
  const isMore = page === 'more' || twinEntries.some(entry => entry.page === placeOf(page))
  const titles: Partial<Record<PageName, string>> = { chats: 'Chats' }
  return (
    <nav class="bottom" aria-label="Pages">
      {daily.map(({ page: name, title, icon }) => (
        <a key={name} href={hrefOf(name)} aria-current={page === name ? 'page' : undefined}>
          <Icon name={icon} size={24} />
          {titles[name] ?? title}
          <Mark count={marks[name]} />
        </a>
      ))}
      <a href={hrefOf('more')} aria-current={isMore ? 'page' : undefined}>
        <Icon name="more" size={24} />
        More
        <Mark count={twinEntries.reduce((sum, { page: name }) => sum + (marks[name] ?? 0), 0)} />
      </a>
    </nav>
  )
}

function link({ page: name, title, icon }: Entry, page: PageName, marks: NavProps['marks']) {
  return (
    <li key={name}>
      <a href={hrefOf(name)} aria-current={placeOf(page) === name ? 'page' : undefined}>
        <Icon name={icon} />
        {title}
        <Mark count={marks[name]} />
      </a>
    </li>
  )
}

/** Where one signed in stands in the settings. */
function placeOf(page: PageName): PageName {
  return page === 'login' ? 'settings' : page
}

export function Mark({ count }: { count: number | undefined }) {
  if (count === undefined || count === 0) return null
  return (
    <span class="mark">
      {count > 99 ? '99+' : count}
      <span class="only-read"> new</span>
    </span>
  )
}
