import { useContext } from 'preact/hooks'
import { ToastListContext } from '../hooks/use-toast.ts'
import { Icon } from './icon.tsx'

/** What was done or went wrong a moment ago. A dialog shows it as well, since what lies behind one is neither seen nor read. */
export function ToastList() {
  const list = useContext(ToastListContext)
  return (
    <div class="toasts" role="status" aria-live="polite">
      {list.map(({ id, text, isProblem }) => (
        <p key={id} class="toast">
          <Icon name={isProblem ? 'alert' : 'check'} size={18} />
          {text}
        </p>
      ))}
    </div>
  )
}
