import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly onInput: (value: string) => void
  readonly hint?: ComponentChildren
  readonly problem?: string | undefined
  readonly placeholder?: string
  readonly isLong?: boolean
  readonly isCode?: boolean
  readonly maxLength?: number
  readonly autoFocus?: boolean
  readonly isLabelHidden?: boolean
}

export function Field(props: FieldProps) {
  const { label, value, onInput, hint, problem, isLong, isCode, isLabelHidden } = props
  const id = useId()
  const about = problem !== undefined || hint !== undefined ? `${id}-hint` : undefined
  const shared = {
    id,
    value,
    class: isCode ? 'input code' : 'input',
    placeholder: props.placeholder,
    maxLength: props.maxLength,
    'aria-describedby': about,
    'aria-invalid': problem === undefined ? undefined : true,
    spellcheck: !isCode,
    autocomplete: 'off',
    // For the dialog that it may be in: what is not shown yet cannot have the focus
    autofocus: props.autoFocus,
    onInput: (event: { currentTarget: { value: string } }) => onInput(event.currentTarget.value),
    ref: (element: HTMLElement | null) => {
      if (props.autoFocus && element !== null && element.dataset.seen === undefined) {
        element.dataset.seen = ''
        element.focus()
      }
    }
  } as const
  return (
    <div class="field">
      <label for={id} class={isLabelHidden ? 'only-read' : undefined}>
        {label}
      </label>
      {isLong ? <textarea {...shared} rows={isCode ? 10 : 4} /> : <input {...shared} />}
      {about !== undefined && (
        <p
          id={about}
          class={problem === undefined ? 'hint' : 'hint bad'}
          role={problem === undefined ? undefined : 'alert'}
        >
          {problem ?? hint}
        </p>
      )}
    </div>
  )
}
