/** http and https alone, and no character that could end an address early in anybody's reading. */
const pattern = /https?:\/\/[^\s<>"'`{}|\\^]{1,2000}/gi
const trailing = /[.,;:!?)\]]+$/

/** What somebody wrote, as text. Addresses in it become links that show themselves as what they are. */
export function LinkedText({ text }: { text: string }) {
  return (
    <>
      {split(text).map((part, at) =>
        part.href === undefined ? (
          part.text
        ) : (
          <a key={at} class="outside" href={part.href} target="_blank" rel="noopener noreferrer">
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
    if (!isWeb(found)) continue
    if (match.index > from) parts.push({ text: text.slice(from, match.index) })
    parts.push({ text: found, href: found })
    from = match.index + found.length
  }
  if (from < text.length) parts.push({ text: text.slice(from) })
  return parts
}

function isWeb(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  // An address with a name before the host pretends to lead elsewhere
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === ''
}
