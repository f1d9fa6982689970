import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { asError } from './hooks/use-load.ts'
import { go, hideRoute } from './hooks/use-route.ts'
import { Logo } from './parts/logo.tsx'
import { App } from './shell/app.tsx'
import { type TakenLink, takeLink } from './take-link.ts'
import { applyTheme } from './theme.ts'
import type { ConsoleTwin, Entrance } from './twin.ts'
import { Connect } from './welcome/connect.tsx'
import { Failed, Welcome } from './welcome/welcome.tsx'

export interface StartConsoleInit {
  readonly root: HTMLElement
  readonly entrance: Entrance
  readonly link?: TakenLink
}

/** Draws the console into an element, from whatever state this browser is in. */
export function startConsole(init: StartConsoleInit): void {
  applyTheme()
  init.root.replaceChildren()
  render(<Console {...init} />, init.root)
}

function Console({ entrance, link: first }: StartConsoleInit) {
  const [link, closeLink] = useLink(first)
  const [twin, setTwin] = useState<ConsoleTwin>()
  const [state, setState] = useState<'opening' | 'none' | 'lost' | { readonly error: Error }>('opening')
  const open = () => {
    setState('opening')
    entrance.open().then(
      opened => {
        if (opened === undefined) setState('none')
        else if (opened === 'lost') setState('lost')
        else setTwin(opened)
      },
      error => setState({ error: asError(error) })
    )
  }
  useEffect(open, [entrance])
  if (twin !== undefined) return <Connected twin={twin} link={link} onLinkClosed={closeLink} />
  if (state === 'opening') {
    return (
      <div class="splash" role="status" aria-label="Opening">
        <Logo size={72} />
      </div>
    )
  }
  if (link !== undefined) {
    const onConnected = (connected: ConsoleTwin) => {
      if (connected.isBorrowed) hideRoute()
      // Straight to something of use
      go('chats', 'self')
      closeLink()
      setTwin(connected)
    }
    return <Connect entrance={entrance} link={link.text} kind={link.kind} onConnected={onConnected} />
  }
  if (typeof state === 'object') return <Failed error={state.error} onAgain={open} />
  return <Welcome isLost={state === 'lost'} />
}

interface ConnectedProps {
  readonly twin: ConsoleTwin
  readonly link: TakenLink | undefined
  readonly onLinkClosed: () => void
}

/** A browser that has a twin takes no other by a link, and says so. */
export function Connected({ twin, link, onLinkClosed }: ConnectedProps) {
  return <App twin={twin} isLinkOpened={link !== undefined} onLinkClosed={onLinkClosed} />
}

/** The link that the page was opened with, or the last one that was opened in this very tab, which loads no page; and how to be done with it. */
export function useLink(first: TakenLink | undefined): readonly [TakenLink | undefined, () => void] {
  const [link, setLink] = useState(first)
  useEffect(() => {
    const follow = () => {
      const again = takeLink()
      if (again !== undefined) setLink(again)
    }
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return [link, () => setLink(undefined)]
}
