/** http and https alone, and no character that could end an address early in anybody's reading, or that nobody sees. */
const pattern = /https?:\/\/[^\s<>"'`{}|\\^\p{Cf}]{1,2000}/giu
const trailing = /[.,;:!?)\]]+$/

/** What somebody wrote, as text. Addresses in it become links that show themselves as what they are. */
export function LinkedText({ text }: { text: string }) {
  return (
    <>
      {split(text).map((part, at) =>
        part.href === undefined ? (
          part.text
        ) : (
          <a key={at} class="outside" dir="ltr" href={part.href} target="_blank" rel="noopener noreferrer">
            {part.text}
          </a>
        )
      )}
    </>
  )
}

interface Part {
  readonly text: string
  readonly href?: string
}

export function split(text: string): Part[] {
  const parts: Part[] = []
  let from = 0
  for (const match of text.matchAll(pattern)) {
    const found = match[0].replace(trailing, '')
    const url = toWeb(found)
    if (url === undefined) continue
    if (match.index > from) parts.push({ text: text.slice(from, match.index) })
    // A host that is not written as the browser reads it could look like another
    const isAsRead = found.startsWith(`${url.protocol}//${url.host}`)
    parts.push({ text: isAsRead ? found : url.href, href: url.href })
    from = match.index + found.length
  }
  if (from < text.length) parts.push({ text: text.slice(from) })
  return parts
}

function toWeb(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const { protocol, username, password } = url
  // An address with a name before the host pretends to lead elsewhere
  const isWeb = (protocol === 'https:' || protocol === 'http:') && username === '' && password === ''
  return isWeb ? url : undefined
}
