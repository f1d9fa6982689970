import { useId, useState } from 'preact/hooks'
import { useSubmit } from '../hooks/use-submit.ts'
import { Button } from '../parts/button.tsx'

/** An empty box: people who are asked whether two numbers are equal say yes. */
export function DigitsBox({ onDone }: { onDone: (digits: string) => Promise<unknown> }) {
  const id = useId()
  const [digits, setDigits] = useState('')
  const { problem, isBusy, submit } = useSubmit(() => onDone(digits))
  return (
    <form class="row digits-box" onSubmit={submit}>
      <input
        class="input digits-input"
        aria-label="Six digits"
        aria-describedby={problem === undefined ? undefined : id}
        aria-invalid={problem === undefined ? undefined : true}
        inputMode="numeric"
        autocomplete="off"
        maxLength={7}
        value={digits}
        ref={element => {
          if (element !== null && element.dataset.seen === undefined) {
            element.dataset.seen = ''
            element.focus()
          }
        }}
        onInput={event => setDigits(event.currentTarget.value.replace(/\D/g, '').slice(0, 6))}
      />
      <Button kind="main" type="submit" disabled={digits.length !== 6 || isBusy}>
        Let it in
      </Button>
      {problem !== undefined && (
        <p id={id} class="hint bad" role="alert">
          {problem}
        </p>
      )}
    </form>
  )
}
