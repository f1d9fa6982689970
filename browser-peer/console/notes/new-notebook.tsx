import { useState } from 'preact/hooks'
import { notesProtocol } from '../../../protocols/notes/protocol.ts'
import { useClient } from '../hooks/twin-context.ts'
import { useToasts } from '../hooks/use-toast.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'

export function NewNotebook({ onClose, onMade }: { onClose: () => void; onMade: () => void }) {
  const notes = useClient(notesProtocol)
  const toasts = useToasts()
  const [name, setName] = useState('')
  const make = () =>
    toasts
      .attempt(() => notes.createNotebook({ name: name.trim() }))
      .then(made => {
        if (made === undefined) return
        onMade()
        onClose()
      })
  return (
    <Dialog title="New notebook" onClose={onClose}>
      <form
        class="stack"
        onSubmit={event => {
          event.preventDefault()
          void make()
        }}
      >
        <Field
          label="Name"
          value={name}
          onInput={setName}
          maxLength={100}
          autoFocus
          hint="Nobody sees it until you share it."
        />
        <footer class="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="main" type="submit" disabled={name.trim() === ''}>
            Make it
          </Button>
        </footer>
      </form>
    </Dialog>
  )
}
