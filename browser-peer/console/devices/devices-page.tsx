import { useState } from 'preact/hooks'
import { type DeviceItem, devicesProtocol, maxDeviceNameBytes } from '../../../protocols/devices/protocol.ts'
import { type Notice as DeviceNotice, pairingProtocol } from '../../../protocols/pairing/protocol.ts'
import { useClient, useOnReached, useTwin } from '../hooks/twin-context.ts'
import { collect, type Loaded, useLoad } from '../hooks/use-load.ts'
import { useSubmit } from '../hooks/use-submit.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Notice, Waiting } from '../parts/notice.tsx'
import { relative } from '../parts/words.ts'
import { AddDevice } from './add-device.tsx'
import { deviceWords, noticeWords, takenBackWords } from './device-words.ts'

const icons: Readonly<Record<DeviceItem['role'], IconName>> = { node: 'box', browser: 'browser', cli: 'terminal' }

export function DevicesPage({ news }: { news: Loaded<readonly DeviceNotice[]> }) {
  const twin = useTwin()
  const devices = useClient(devicesProtocol)
  const pairing = useClient(pairingProtocol)
  const toasts = useToasts()
  const { value, error, reload } = useLoad(signal => collect(devices.list({}, { signal })), [devices, news.value])
  useOnReached(reload)
  const [asked, setAsked] = useState<{ kind: 'rename' | 'revoke' | 'not-me'; number: number } | { kind: 'add' }>()
  const close = () => setAsked(undefined)
  const found =
    asked !== undefined && 'number' in asked ? value?.find(({ number }) => number === asked.number) : undefined
  const live = value?.filter(({ state }) => state !== 'revoked')
  const gone = value?.filter(({ state }) => state === 'revoked') ?? []
  return (
    <div class="page">
      <div class="page-body">
        <header class="page-title">
          <h1>Devices</h1>
          <div class="row">
            <Button kind="main" icon="plus" onClick={() => setAsked({ kind: 'add' })}>
              Add a device
            </Button>
          </div>
        </header>
        {news.value?.map(notice => (
          <NewDevice
            key={notice.number}
            notice={notice}
            isThis={notice.number === twin.deviceNumber}
            onNotMe={() => setAsked({ kind: 'not-me', number: notice.number })}
          />
        ))}
        {live === undefined ? (
          <Waiting error={error} what="your devices" onAgain={reload} />
        ) : (
          <ul class="device-list">
            {live.map(device => (
              <li key={device.number} class="card device">
                <span class="device-mark">
                  <Icon name={icons[device.role]} size={26} />
                </span>
                <div class="item-words">
                  <h2 class="clip">{device.name}</h2>
                  <p class="dim">{deviceWords(device)}</p>
                </div>
                <State device={device} isThis={device.number === twin.deviceNumber} />
                <div class="device-tools">
                  <IconButton
                    icon="edit"
                    label={`Rename ${device.name}`}
                    onClick={() => setAsked({ kind: 'rename', number: device.number })}
                  />
                  <IconButton
                    icon="block"
                    label={`Shut out ${device.name}`}
                    onClick={() => setAsked({ kind: 'revoke', number: device.number })}
                  />
                </div>
              </li>
            ))}
          </ul>
        )}
        {gone.length > 0 && (
          <section class="stack-small">
            <h2>Shut out</h2>
            <ul class="stack-small">
              {gone.map(({ number, name, revokedAt }) => (
                <li key={number} class="row dim">
                  <Icon name="block" size={16} />
                  {name}
                  {revokedAt !== undefined && `, ${relative(revokedAt)}`}
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
      {asked?.kind === 'add' && (
        <AddDevice
          onClose={() => {
            close()
            reload()
          }}
        />
      )}
      {asked?.kind === 'rename' && found !== undefined && <Rename device={found} onClose={close} onDone={reload} />}
      {asked?.kind === 'revoke' && found !== undefined && (
        <Confirm
          title={`Shut out ${found.name} for ever?`}
          action="Shut out"
          onClose={close}
          onConfirm={() =>
            void toasts.attempt(async () => {
              const { note } = await devices.revoke({ number: found.number })
              toasts.say(note ?? `${found.name} is shut out`)
              reload()
            })
          }
        >
          <p>
            All your devices and contacts refuse it from now on, and it can read nothing that is written afterwards.
            What it wrote until now stays, as far as your twin has it. This cannot be undone: to use it again you would
            pair it as a new device.
          </p>
          {found.number === twin.deviceNumber && <Notice kind="warn">This is the browser you are using.</Notice>}
        </Confirm>
      )}
      {asked?.kind === 'not-me' && (
        <Confirm
          title="You did not add this device?"
          action="It was not me"
          onClose={close}
          onConfirm={() =>
            void toasts.attempt(async () => {
              toasts.say(takenBackWords(await pairing.notMe({ number: asked.number })))
              news.reload()
              reload()
            })
          }
        >
          <p>
            It and what it let in are shut out at once, and everything they wrote is taken back: messages, values,
            notes. This cannot be undone. What others wrote meanwhile stays.
          </p>
          <p class="dim">
            Not taken back: what it has read, devices that it shut out, and members that it brought in. Then look at who
            could have reached your screen.
          </p>
        </Confirm>
      )}
    </div>
  )
}

function State({ device, isThis }: { device: DeviceItem; isThis: boolean }) {
  if (isThis) {
    return (
      <span class="chip" data-kind="good">
        This browser
      </span>
    )
  }
  if (device.state === 'this' || device.state === 'connected') {
    return (
      <span class="chip" data-kind="good">
        Online
      </span>
    )
  }
  return (
    <span class="chip" data-kind={device.state === 'expired' ? 'warn' : undefined}>
      {device.state === 'expired' ? 'Certificate ran out' : 'Away'}
    </span>
  )
}

function NewDevice({ notice, isThis, onNotMe }: { notice: DeviceNotice; isThis: boolean; onNotMe: () => void }) {
  const { isViewOnly } = useTwin()
  return (
    <Notice kind="warn">
      <strong>{isThis ? 'This browser is new here' : `${notice.name} is a new device of yours`}</strong>
      <p>{noticeWords(notice, isThis)}</p>
      {!isThis && isViewOnly && <p>If this was not you, say so on another device of yours.</p>}
      {!isThis && !isViewOnly && (
        <div>
          <Button kind="danger" onClick={onNotMe}>
            This was not me
          </Button>
        </div>
      )}
    </Notice>
  )
}

function Rename({ device, onClose, onDone }: { device: DeviceItem; onClose: () => void; onDone: () => void }) {
  const devices = useClient(devicesProtocol)
  const [name, setName] = useState(device.name)
  const { problem, isBusy, submit } = useSubmit(async () => {
    await devices.rename({ number: device.number, name: name.trim() })
    onDone()
    onClose()
  })
  return (
    <Dialog title="Another name" onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <Field label="Name" value={name} onInput={setName} maxLength={maxDeviceNameBytes} autoFocus problem={problem} />
        <footer class="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="main" type="submit" disabled={name.trim() === '' || isBusy}>
            Rename
          </Button>
        </footer>
      </form>
    </Dialog>
  )
}
