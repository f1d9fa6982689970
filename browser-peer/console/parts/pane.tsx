import type { ComponentChildren } from 'preact'
import { hrefOf, type PageName } from '../hooks/use-route.ts'
import { Icon } from './icon.tsx'

interface TwoPanesProps {
  readonly list: ComponentChildren
  /** Undefined: the phone shows the list */
  readonly detail: ComponentChildren | undefined
  /** What the second pane shows while nothing is chosen */
  readonly resting: ComponentChildren
}

export function TwoPanes({ list, detail, resting }: TwoPanesProps) {
  return (
    <div class="panes" data-open={detail !== undefined}>
      <div class="pane pane-list">{list}</div>
      <div class="pane pane-detail">{detail ?? resting}</div>
    </div>
  )
}

interface PaneHeadProps {
  readonly title: string
  readonly children?: ComponentChildren
}

export function PaneHead({ title, children }: PaneHeadProps) {
  return (
    <header class="pane-head">
      <h1>{title}</h1>
      <div class="pane-actions">{children}</div>
    </header>
  )
}

/** Only on the phone, where the list is another screen. */
export function BackLink({ page, label }: { page: PageName; label: string }) {
  return (
    <a class="back icon-button" href={hrefOf(page)} aria-label={label}>
      <Icon name="back" />
    </a>
  )
}
