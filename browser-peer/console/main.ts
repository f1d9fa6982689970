import { registerWorker } from './register-worker.ts'
import { takeLink } from './take-link.ts'
import { applyTheme } from './theme.ts'

// First of all: the secret leaves the address before any other code is fetched
const link = takeLink()
applyTheme()

const [{ startConsole }, { lightEntrance }] = await Promise.all([
  import('./start-console.tsx'),
  import('./light-entrance.ts')
])
const root = document.getElementById('root')
if (root !== null) startConsole({ root, entrance: lightEntrance(), ...(link !== undefined && { link }) })
registerWorker().catch(error => reportError(error))
