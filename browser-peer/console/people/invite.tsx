import { contactsProtocol } from '../../../protocols/contacts/protocol.ts'
import { useClient } from '../hooks/twin-context.ts'
import { useLoad } from '../hooks/use-load.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Button } from '../parts/button.tsx'
import { Copyable } from '../parts/copyable.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Waiting } from '../parts/notice.tsx'
import { Qr } from '../parts/qr.tsx'
import { dateWords } from '../parts/words.ts'

export function Invite({ onClose }: { onClose: () => void }) {
  const contacts = useClient(contactsProtocol)
  const toasts = useToasts()
  const { value, error } = useLoad(signal => contacts.invite({}, { signal }), [contacts])
  const canShare = typeof navigator.share === 'function'
  return (
    <Dialog title="Invite somebody" onClose={onClose}>
      {value === undefined ? (
        <Waiting error={error} what="a new invitation" />
      ) : (
        <>
          <p>Let them scan this, or send them the link. It works once: whoever uses it first becomes your contact.</p>
          <Qr text={value.link} label="QR code with your invite link" />
          <Copyable text={value.link} what="the invite link" />
          <p class="hint">{`Good until ${dateWords(value.expiresAt)}. Do not post it in public.`}</p>
          <footer class="dialog-foot">
            {canShare && (
              <Button
                icon="share"
                onClick={() => void toasts.attempt(() => navigator.share({ text: value.link }).catch(() => {}))}
              >
                Send
              </Button>
            )}
            <Button kind="main" onClick={onClose}>
              Done
            </Button>
          </footer>
        </>
      )}
    </Dialog>
  )
}
