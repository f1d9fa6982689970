import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { asError } from '../hooks/use-load.ts'
import { go, hideRoute } from '../hooks/use-route.ts'
import { Copyable } from '../parts/copyable.tsx'
import { Connected, useLink } from '../start-console.tsx'
import type { TakenLink } from '../take-link.ts'
import type { ConsoleTwin } from '../twin.ts'
import { Door } from '../welcome/welcome.tsx'
import { Come } from './come.tsx'
import { Insecure } from './insecure.tsx'
import { isToLook } from './visit-entrance.ts'

/** Draws what a page over plain http from another machine may be: an explanation, or a visit. */
export function startVisit(root: HTMLElement, link: TakenLink | undefined): void {
  root.replaceChildren()
  render(<Visit first={link} />, root)
}

function Visit({ first }: { first: TakenLink | undefined }) {
  const [link, closeLink] = useLink(first)
  const [twin, setTwin] = useState<ConsoleTwin>()
  const [isOver, setIsOver] = useState(false)
  useEffect(() => {
    if (twin === undefined) return
    const end = () => {
      setIsOver(true)
      void twin.stop().catch(() => {})
    }
    const look = () => {
      if (twin.trouble() !== undefined) end()
    }
    look()
    const timer = setTimeout(end, (twin.visitUntil ?? 0) - Date.now())
    const ignore = twin.onChange(look)
    return () => {
      clearTimeout(timer)
      ignore()
    }
  }, [twin])
  if (isOver) return <Over />
  if (twin !== undefined) return <Connected twin={twin} link={link} onLinkClosed={closeLink} />
  if (link === undefined) return <Insecure />
  const problem = problemOf(link.text)
  if (problem !== undefined) return <Insecure problem={problem} />
  const onCome = (come: ConsoleTwin) => {
    hideRoute()
    go('chats')
    closeLink()
    setTwin(come)
  }
  return <Come link={link.text} onCome={onCome} />
}

/** What was shown is gone from the page with it. */
function Over() {
  return (
    <Door>
      <h1>This visit is over</h1>
      <p>Your twin does not let this page in any more, and what it showed is gone from here. To look again:</p>
      <Copyable text="twin pair --level view" what="the command" />
    </Door>
  )
}

function problemOf(link: string): string | undefined {
  try {
    return isToLook(link) ? undefined : 'The link is for a browser that may do more than this page ever may.'
  } catch (error) {
    return asError(error).message
  }
}
