import { Icon, type IconName } from './icon.tsx'

/** Dark enough for white letters. */
const colours = [
  '#0d6b58',
  '#8a3b62',
  '#3a5a9b',
  '#8a5210',
  '#5b4a9e',
  '#2f6b2f',
  '#a03d2e',
  '#1f6b85',
  '#6d5527',
  '#7a3f8f'
]

/** Two circles, as a twin is two of one: their colours follow from the id, so a look-alike name looks unlike. */
export function Avatar({ id, name, size = 40, icon }: { id: string; name: string; size?: number; icon?: IconName }) {
  const [back, front] = coloursOf(id)
  return (
    <span class="avatar" data-size={size}>
      <svg width={size} height={size} viewBox="0 0 40 40" aria-hidden="true" focusable="false">
        <circle cx="26" cy="24" r="13" fill={back} opacity="0.55" />
        <circle cx="18" cy="19" r="17" fill={front} />
        {icon === undefined && (
          <text x="18" y="24.5" text-anchor="middle" font-size="15" font-weight="600" fill="#fff">
            {initialOf(name)}
          </text>
        )}
      </svg>
      {icon !== undefined && <Icon name={icon} size={size * 0.48} />}
    </span>
  )
}

function coloursOf(id: string): [string, string] {
  let hash = 7
  for (const letter of id) hash = (Math.imul(hash, 31) + letter.codePointAt(0)!) >>> 0
  const front = hash % colours.length
  const back = (front + 1 + ((hash >>> 8) % (colours.length - 1))) % colours.length
  return [colours[back]!, colours[front]!]
}

function initialOf(name: string): string {
  const letter = [...name.trim()][0] ?? '·'
  return letter.toLocaleUpperCase()
}
