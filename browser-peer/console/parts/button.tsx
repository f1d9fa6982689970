import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from './icon.tsx'

interface ButtonProps {
  readonly children: ComponentChildren
  readonly icon?: IconName
  readonly kind?: 'main' | 'plain' | 'quiet' | 'danger'
  readonly type?: 'button' | 'submit'
  readonly disabled?: boolean
  readonly onClick?: (event: MouseEvent) => void
}

export function Button({ children, icon, kind = 'plain', type = 'button', disabled, onClick }: ButtonProps) {
  return (
    <button class="button" data-kind={kind} type={type} disabled={disabled} onClick={onClick}>
      {icon !== undefined && <Icon name={icon} size={18} />}
      <span>{children}</span>
    </button>
  )
}

interface IconButtonProps {
  readonly icon: IconName
  readonly label: string
  readonly size?: number
  readonly isPressed?: boolean
  readonly disabled?: boolean
  readonly onClick: (event: MouseEvent) => void
}

export function IconButton({ icon, label, size, isPressed, disabled, onClick }: IconButtonProps) {
  return (
    <button
      class="icon-button"
      type="button"
      aria-label={label}
      title={label}
      aria-pressed={isPressed}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} size={size ?? 20} />
    </button>
  )
}
