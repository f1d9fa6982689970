import { useState } from 'preact/hooks'
import { notesProtocol } from '../../../protocols/notes/protocol.ts'
import { useClient } from '../hooks/twin-context.ts'
import { useSubmit } from '../hooks/use-submit.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'

export function NewNotebook({ onClose, onMade }: { onClose: () => void; onMade: () => void }) {
  const notes = useClient(notesProtocol)
  const [name, setName] = useState('')
  const { problem, isBusy, submit } = useSubmit(async () => {
    await notes.createNotebook({ name: name.trim() })
    onMade()
    onClose()
  })
  return (
    <Dialog title="New notebook" onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <Field
          label="Name"
          value={name}
          onInput={setName}
          maxLength={100}
          autoFocus
          hint="Nobody sees it until you share it."
          problem={problem}
        />
        <footer class="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="main" type="submit" disabled={name.trim() === '' || isBusy}>
            Make it
          </Button>
        </footer>
      </form>
    </Dialog>
  )
}
