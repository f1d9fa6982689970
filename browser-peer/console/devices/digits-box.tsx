import { useState } from 'preact/hooks'
import { Button } from '../parts/button.tsx'

/** An empty box: people who are asked whether two numbers are equal say yes. */
export function DigitsBox({ onDone }: { onDone: (digits: string) => void }) {
  const [digits, setDigits] = useState('')
  return (
    <form
      class="row digits-box"
      onSubmit={event => {
        event.preventDefault()
        if (digits.length === 6) onDone(digits)
      }}
    >
      <input
        class="input digits-input"
        aria-label="Six digits"
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
      <Button kind="main" type="submit" disabled={digits.length !== 6}>
        Let it in
      </Button>
    </form>
  )
}
