import type { ComponentChildren } from 'preact'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'

const icons: Readonly<Record<NoticeKind, IconName>> = { info: 'info', good: 'check', warn: 'alert', bad: 'alert' }
export type NoticeKind = 'info' | 'good' | 'warn' | 'bad'

export function Notice({ kind = 'info', children }: { kind?: NoticeKind; children: ComponentChildren }) {
  return (
    <div class="notice" data-kind={kind}>
      <Icon name={icons[kind]} size={20} />
      <div>{children}</div>
    </div>
  )
}

interface EmptyProps {
  readonly icon: IconName
  readonly title: string
  readonly children?: ComponentChildren
}

/** Where nothing is yet: says what would be here and how it comes. */
export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div class="empty">
      <span class="empty-mark">
        <Icon name={icon} size={30} />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  )
}

interface WaitingProps {
  readonly error: Error | undefined
  readonly what: string
  readonly onAgain?: () => void
}

/** While something is on its way, or when it does not come. */
export function Waiting({ error, what, onAgain }: WaitingProps) {
  if (error === undefined) return <p class="waiting" aria-busy="true">{`Reading ${what}…`}</p>
  return (
    <div class="pad">
      <Notice kind="warn">
        <strong>{`Could not read ${what}`}</strong>
        <p>{error.message}</p>
        {onAgain !== undefined && (
          <div>
            <Button onClick={onAgain}>Try again</Button>
          </div>
        )}
      </Notice>
    </div>
  )
}
