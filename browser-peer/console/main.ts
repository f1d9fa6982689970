import { deviceMark } from '../device-mark.ts'
import { refuseFrame } from './refuse-frame.ts'
import { takeLink } from './take-link.ts'
import { applyTheme } from './theme.ts'

// First of all: the secret leaves the address before any other code is fetched
const link = takeLink()
refuseFrame()
applyTheme()

const root = document.getElementById('root')
if (!globalThis.isSecureContext) {
  const { startVisit } = await import('./visit/start-visit.tsx')
  if (root !== null) startVisit(root, link)
} else {
  const opening = import('./light-entrance.ts').then(({ lightEntrance }) => lightEntrance())
  // A browser that has a twin is on the way to it before anything of the console is loaded
  if (deviceMark.isThere()) await opening
  const [entrance, { startConsole }] = await Promise.all([opening, import('./start-console.tsx')])
  if (root !== null) startConsole({ root, entrance, ...(link !== undefined && { link }) })
}
