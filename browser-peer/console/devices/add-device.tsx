import { useEffect, useState } from 'preact/hooks'
import {
  isOverPlainHttp,
  type Level,
  type OfferView,
  opensHereOnly,
  pairingProtocol
} from '../../../protocols/pairing/protocol.ts'
import { useClient } from '../hooks/twin-context.ts'
import { asError } from '../hooks/use-load.ts'
import { Button } from '../parts/button.tsx'
import { Copyable } from '../parts/copyable.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Notice, Waiting } from '../parts/notice.tsx'
import { Qr } from '../parts/qr.tsx'
import { DigitsBox } from './digits-box.tsx'

const levels: readonly (readonly [Level, string, string])[] = [
  ['normal', 'Read and write', 'For a device of your own'],
  ['view', 'Look only', 'Reads everything, changes nothing']
]
const places = { machine: 'on this machine', network: 'in your network', elsewhere: 'somewhere else' } as const

/** This side is trusted: it shows the code, and its owner types what the new device shows. */
export function AddDevice({ onClose }: { onClose: () => void }) {
  const [level, setLevel] = useState<Level>()
  return (
    <Dialog title="Add a device" onClose={onClose}>
      {level === undefined ? (
        <div class="stack">
          <p>What may the new device do?</p>
          <div class="stack-small">
            {levels.map(([name, title, about]) => (
              <button key={name} type="button" class="card option" onClick={() => setLevel(name)}>
                <strong>{title}</strong>
                <span class="dim">{about}</span>
              </button>
            ))}
          </div>
          <p class="hint">Never do this because somebody asked you to. Nobody from any support needs it.</p>
        </div>
      ) : (
        <Offer level={level} onClose={onClose} />
      )}
    </Dialog>
  )
}

function Offer({ level, onClose }: { level: Level; onClose: () => void }) {
  const pairing = useClient(pairingProtocol)
  const [made, setMade] = useState<{ offer: Uint8Array; link: string; expiresAt: number }>()
  const [view, setView] = useState<OfferView>()
  const [error, setError] = useState<Error>()
  useEffect(() => {
    const stop = new AbortController()
    const run = async () => {
      const { offer, link, expiresAt } = await pairing.offer({ level }, { signal: stop.signal })
      setMade({ offer, link, expiresAt })
      for await (const seen of pairing.watch({ offer }, { signal: stop.signal })) setView(seen)
    }
    run().catch(thrown => {
      if (!stop.signal.aborted) setError(asError(thrown))
    })
    return () => stop.abort()
  }, [pairing, level])
  const state = view?.state ?? 'open'
  if (made === undefined) return <Waiting error={error} what="a new link" />
  if (state === 'done') {
    return (
      <div class="stack">
        <Notice kind="good">
          <strong>{`${view?.newcomer?.name ?? 'The device'} is yours now`}</strong>
          <p>
            {isOverPlainHttp(made.link)
              ? 'It looks only, and is shut out in an hour.'
              : 'For three days it can change no devices. All your devices were told.'}
          </p>
        </Notice>
        <footer class="dialog-foot">
          <Button kind="main" onClick={onClose}>
            Done
          </Button>
        </footer>
      </div>
    )
  }
  if (state === 'refused' || state === 'burnt' || state === 'expired') {
    return (
      <Notice kind="bad">
        <strong>{over[state]}</strong>
        <p>Nothing was let in. Begin again when you are ready.</p>
      </Notice>
    )
  }
  if (state === 'waiting' && view?.newcomer !== undefined) {
    const { name, platform, place } = view.newcomer
    return (
      <div class="stack">
        <Notice>
          <strong>{name}</strong>
          <p>{`${platform}, ${places[place]}. It will be able to ${level === 'view' ? 'read' : 'read and write'} everything of yours.`}</p>
        </Notice>
        <p>Type the six digits that the new device shows. You have one try.</p>
        <DigitsBox
          onDone={async digits => {
            await pairing.approve({ offer: made.offer, digits })
            setView({ ...view, state: 'done' })
          }}
        />
        <footer class="dialog-foot">
          <Button
            kind="danger"
            onClick={() => {
              void pairing.refuse({ offer: made.offer }).catch(() => {})
              onClose()
            }}
          >
            I do not know this device
          </Button>
        </footer>
      </div>
    )
  }
  return (
    <div class="stack">
      {opensHereOnly(made.link) ? (
        <>
          <p>Open this link in another browser on this machine. It is good for a few minutes and one device.</p>
          <p class="hint">
            A phone or another machine needs the console over https: <code>twin start --console-url URL</code>, see
            docs/console-hosting.md. Links are QR codes then.
          </p>
        </>
      ) : (
        <>
          <p>Scan this with the new device, or open the link there. It is good for a few minutes and one device.</p>
          {isOverPlainHttp(made.link) && (
            <Notice kind="warn">
              This goes over plain http: anybody on this network could read along or change the page. It looks only, for
              one hour, and keeps nothing.
            </Notice>
          )}
          <Qr text={made.link} label="QR code with the pairing link" />
        </>
      )}
      <Copyable text={made.link} what="the pairing link" />
      <p class="hint" aria-live="polite">
        {state === 'begun' ? 'A device has opened the link…' : 'Waiting for the new device…'}
      </p>
    </div>
  )
}

const over = {
  refused: 'It was refused',
  burnt: 'Other digits were typed: the link is burnt',
  expired: 'The link has run out'
} as const
