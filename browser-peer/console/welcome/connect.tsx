import { useRef, useState } from 'preact/hooks'
import { maxNameLength, profileProtocol } from '../../../protocols/profile/protocol.ts'
import { asError } from '../hooks/use-load.ts'
import { useSeen } from '../hooks/use-seen.ts'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Notice } from '../parts/notice.tsx'
import type { ConsoleTwin, Entrance, PairingCode } from '../twin.ts'
import { browserName } from './browser-name.ts'
import { Door } from './welcome.tsx'

/** A name that is not stored by then is asked for where it is needed */
const nameWithinMs = 5000

interface ConnectProps {
  readonly entrance: Entrance
  readonly link: string
  readonly kind: 'claim' | 'pair'
  readonly onConnected: (twin: ConsoleTwin) => void
}

/** What a claim or pairing link opens: one button. Nothing happens before it is pressed. */
export function Connect({ entrance, link, kind, onConnected }: ConnectProps) {
  const [name, setName] = useState(browserName)
  const [me, setMe] = useState('')
  const [isBorrowed, setIsBorrowed] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const [code, setCode] = useState<PairingCode>()
  const [problem, setProblem] = useState<string>()
  const isSeen = useSeen()
  const stop = useRef(new AbortController())
  const connect = async () => {
    setIsBusy(true)
    setProblem(undefined)
    stop.current = new AbortController()
    try {
      const init = { name: name.trim() || browserName(), isBorrowed, onCode: setCode, signal: stop.current.signal }
      const twin = await entrance.connect(link, init)
      if (me.trim() !== '') await tellName(twin, me.trim())
      onConnected(twin)
    } catch (error) {
      setProblem(asError(error).message)
    } finally {
      setIsBusy(false)
      setCode(undefined)
    }
  }
  if (code !== undefined) {
    return (
      <Door>
        <h1>{titleOf(code)}</h1>
        <p class="code-big" data-kind={code.kind} aria-live="assertive">
          {code.kind === 'digits' ? `${code.text.slice(0, 3)} ${code.text.slice(3)}` : code.text}
        </p>
        <p class="dim">
          {code.kind === 'digits'
            ? 'On the screen that showed the link there is an empty box for it. You have one try.'
            : 'If the terminal shows other words, press a key there to refuse this browser.'}
        </p>
        {code.confirm !== undefined && (
          <>
            <Notice kind="warn">
              This twin is on another machine. If yours shows no words, or other ones, the link was somebody else’s:
              then all that you write here would be theirs.
            </Notice>
            <Button kind="main" onClick={code.confirm}>
              My terminal shows these words
            </Button>
          </>
        )}
        <Button onClick={() => stop.current.abort(new Error('You stopped it'))}>Stop</Button>
      </Door>
    )
  }
  return (
    <Door>
      <h1>{kind === 'claim' ? 'Your twin is waiting for you' : 'Become a device of your twin'}</h1>
      <p>
        {kind === 'claim'
          ? 'This browser becomes the first device that speaks for it. Its keys are made here and stay here.'
          : 'Go on if you made this link yourself a moment ago, on a device of yours. Its keys are made here and stay here.'}
      </p>
      {problem !== undefined && <Notice kind="bad">{problem}</Notice>}
      <form
        class="stack"
        onSubmit={event => {
          event.preventDefault()
          void connect()
        }}
      >
        {kind === 'claim' && (
          <Field
            label="Your name"
            value={me}
            onInput={setMe}
            maxLength={maxNameLength}
            hint="Your contacts see it. You can leave it for later."
          />
        )}
        <Field label="Name of this device" value={name} onInput={setName} maxLength={64} />
        <label class="check">
          <input type="checkbox" checked={isBorrowed} onChange={event => setIsBorrowed(event.currentTarget.checked)} />
          <span>
            This machine is not mine
            <span class="hint">Nothing is kept here once the tab is closed.</span>
          </span>
        </label>
        <button type="submit" class="button button-big" data-kind="main" disabled={!isSeen || isBusy}>
          {isBusy ? 'Connecting…' : 'Connect this browser'}
        </button>
      </form>
    </Door>
  )
}

async function tellName(twin: ConsoleTwin, name: string): Promise<void> {
  const signal = AbortSignal.timeout(nameWithinMs)
  await twin
    .client(profileProtocol)
    .set({ name }, { signal })
    .catch(() => {})
}

function titleOf({ kind, confirm }: PairingCode): string {
  if (kind === 'digits') return 'Type this at your twin'
  return confirm === undefined ? 'Your twin shows these words too' : 'Does your twin show these words?'
}
