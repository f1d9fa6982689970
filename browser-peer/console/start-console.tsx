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
import { Failed, Insecure, Welcome } from './welcome/welcome.tsx'

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
  const [link, setLink] = useState(first)
  const [twin, setTwin] = useState<ConsoleTwin>()
  const [state, setState] = useState<'opening' | 'none' | 'lost' | { readonly error: Error }>('opening')
  const isSecure = globalThis.isSecureContext
  const open = () => {
    if (!isSecure) return
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
  useEffect(() => {
    // A link that is opened in this very tab loads no page
    const follow = () => {
      const again = takeLink()
      if (again !== undefined) setLink(again)
    }
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  if (!isSecure) return <Insecure />
  // A browser that has a twin takes no other by a link, and says so
  if (twin !== undefined) {
    return <App twin={twin} isLinkOpened={link !== undefined} onLinkClosed={() => setLink(undefined)} />
  }
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
      setLink(undefined)
      setTwin(connected)
    }
    return <Connect entrance={entrance} link={link.text} kind={link.kind} onConnected={onConnected} />
  }
  if (typeof state === 'object') return <Failed error={state.error} onAgain={open} />
  return <Welcome isLost={state === 'lost'} />
}
