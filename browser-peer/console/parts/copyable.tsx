import { useToasts } from '../hooks/use-toast.ts'
import { IconButton } from './button.tsx'

/** What is longer is not shown whole */
const longest = 120

/** Something to take elsewhere: a link, a command, an id. */
export function Copyable({ text, what }: { text: string; what: string }) {
  const toasts = useToasts()
  const copy = () =>
    toasts.attempt(async () => {
      await navigator.clipboard.writeText(text)
      toasts.say(`Copied ${what}`)
    })
  return (
    <div class="copyable" data-long={text.length > longest}>
      <code>{text}</code>
      {'clipboard' in navigator && <IconButton icon="copy" label={`Copy ${what}`} onClick={copy} />}
    </div>
  )
}
