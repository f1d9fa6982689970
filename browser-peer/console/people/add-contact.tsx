import { useState } from 'preact/hooks'
import { contactsProtocol, maxKnockMessageLength, maxLinkLength } from '../../../protocols/contacts/protocol.ts'
import { useClient } from '../hooks/twin-context.ts'
import { go } from '../hooks/use-route.ts'
import { useSubmit } from '../hooks/use-submit.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Scanner } from './scanner.tsx'

export function AddContact({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
  const contacts = useClient(contactsProtocol)
  const [link, setLink] = useState('')
  const [message, setMessage] = useState('')
  const [isScanning, setIsScanning] = useState(false)
  const isInvite = link.includes('?')
  const { problem, isBusy, submit } = useSubmit(async () => {
    const said = message.trim() === '' || isInvite ? {} : { message: message.trim() }
    const { id } = await contacts.add({ who: link.trim(), ...said })
    onAdded()
    go('people', id)
    onClose()
  })
  return (
    <Dialog title="Add somebody" onClose={onClose}>
      {isScanning ? (
        <Scanner
          onFound={text => {
            setLink(text)
            setIsScanning(false)
          }}
          onClose={() => setIsScanning(false)}
        />
      ) : (
        <form class="stack" onSubmit={submit}>
          <Field
            label="Invite link or twin id"
            value={link}
            onInput={setLink}
            isCode
            placeholder="twin:12D3KooW…"
            maxLength={maxLinkLength}
            autoFocus
            problem={problem}
          />
          {!isInvite && link.trim() !== '' && (
            <Field
              label="What you say when you knock"
              value={message}
              onInput={setMessage}
              isLong
              maxLength={maxKnockMessageLength}
              hint="A twin id alone is a knock: they decide whether to answer."
            />
          )}
          <footer class="dialog-foot">
            <Button icon="camera" onClick={() => setIsScanning(true)}>
              Scan a code
            </Button>
            <Button kind="main" type="submit" disabled={link.trim() === '' || isBusy}>
              {isBusy ? 'Asking…' : 'Add'}
            </Button>
          </footer>
        </form>
      )}
    </Dialog>
  )
}
