import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { IconButton } from './button.tsx'
import { ToastList } from './toast-list.tsx'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ComponentChildren
  readonly size?: 'small' | 'wide'
}

/** The browser's own dialog: it keeps the focus, closes on Escape and gives the focus back. */
export function Dialog({ title, onClose, children, size = 'small' }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  // Before the next frame: what is typed meanwhile would go to what lies behind, and a tab in the background has few frames
  useLayoutEffect(() => {
    const dialog = ref.current
    if (dialog === null || dialog.open) return
    dialog.showModal()
    // The browser would choose the cross
    const first = dialog.querySelector<HTMLElement>('[autofocus]') ?? dialog.querySelector('h2')
    first?.focus()
    return () => dialog?.close()
  }, [])
  return (
    <dialog ref={ref} class="dialog" data-size={size} aria-labelledby={id} onClose={onClose}>
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={id} tabIndex={-1}>
            {title}
          </h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </header>
        {children}
      </div>
      <ToastList />
    </dialog>
  )
}
