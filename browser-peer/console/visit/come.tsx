import { useRef, useState } from 'preact/hooks'
import { asError } from '../hooks/use-load.ts'
import { useSeen } from '../hooks/use-seen.ts'
import { Button } from '../parts/button.tsx'
import { Notice } from '../parts/notice.tsx'
import type { ConsoleTwin } from '../twin.ts'
import { Door } from '../welcome/welcome.tsx'
import { Ways } from './insecure.tsx'
import { visit } from './visit-entrance.ts'

interface ComeProps {
  readonly link: string
  readonly onCome: (twin: ConsoleTwin) => void
}

/** What a link that is for looking opens over plain http: a warning and one button. Nothing happens before it is pressed. */
export function Come({ link, onCome }: ComeProps) {
  const [isBusy, setIsBusy] = useState(false)
  const [digits, setDigits] = useState<string>()
  const [problem, setProblem] = useState<string>()
  const isSeen = useSeen()
  const stop = useRef(new AbortController())
  const come = async () => {
    setIsBusy(true)
    setProblem(undefined)
    stop.current = new AbortController()
    try {
      onCome(await visit(link, setDigits, stop.current.signal))
    } catch (error) {
      setProblem(asError(error).message)
    } finally {
      setIsBusy(false)
      setDigits(undefined)
    }
  }
  if (digits !== undefined) {
    return (
      <Door>
        <h1>Type this at your twin</h1>
        <p class="code-big" data-kind="digits" aria-live="assertive">
          {`${digits.slice(0, 3)} ${digits.slice(3)}`}
        </p>
        <p class="dim">On the screen that showed the link there is an empty box for it. You have one try.</p>
        <Button onClick={() => stop.current.abort(new Error('You stopped it'))}>Stop</Button>
      </Door>
    )
  }
  return (
    <Door>
      <h1>Look at your twin over plain http</h1>
      <Notice kind="warn">
        <strong>This page is not protected</strong>
        <p>
          It came over plain http from another machine. Anybody on the network in between could read along, or has
          changed this page already: then they see all that it shows, and all that your twin has.
        </p>
      </Notice>
      {problem !== undefined && <Notice kind="bad">{problem}</Notice>}
      <ul class="plain-list">
        <li>It looks only. Nothing is written from here, and your twin takes nothing.</li>
        <li>It ends after one hour. Your twin sees to that, and can end it sooner.</li>
        <li>Nothing is kept in this browser.</li>
      </ul>
      <button
        type="button"
        class="button button-big"
        data-kind="main"
        disabled={!isSeen || isBusy}
        onClick={() => void come()}
      >
        {isBusy ? 'Connecting…' : 'Look for an hour'}
      </button>
      <details>
        <summary>For everything else</summary>
        <Ways />
      </details>
    </Door>
  )
}
