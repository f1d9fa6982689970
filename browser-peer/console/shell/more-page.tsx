import { useTwin, useTwinState } from '../hooks/twin-context.ts'
import { hrefOf } from '../hooks/use-route.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Icon } from '../parts/icon.tsx'
import { shortId } from '../parts/words.ts'
import { Mark, type NavProps, twinEntries } from './nav.tsx'

/** On the phone: what has no place in the bar. */
export function MorePage({ name, marks }: { readonly name: string } & Pick<NavProps, 'marks'>) {
  const twin = useTwin()
  const { path } = useTwinState()
  return (
    <div class="page">
      <div class="page-body">
        <header class="more-me">
          <Avatar id={twin.id} name={name || 'You'} size={64} />
          <div class="item-words">
            <h1 class="clip">{name || 'You'}</h1>
            <p class="dim">{path === undefined ? 'Your twin is not reached' : `Twin ${shortId(twin.id)}`}</p>
          </div>
        </header>
        <nav class="card more-list" aria-label="Your twin">
          <ul>
            {twinEntries.map(({ page, title, icon }) => (
              <li key={page}>
                <a class="item" href={hrefOf(page)}>
                  <Icon name={icon} size={22} />
                  <strong class="item-words">{title}</strong>
                  <Mark count={marks[page]} />
                  <Icon name="next" size={18} />
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </div>
    </div>
  )
}
