import type { Home } from '../home/index.ts'
import { checkBackup as check, openBackup as open, openFormerHome as openHome } from '../recovery/index.ts'

/** What `start` and recovery need and no other command pays for: a bundle of its own. The home is where its compiled code is kept. */
export { endWebrtc } from '../mesh/index.ts'
export { fetchFormerList } from '../recovery/index.ts'
export { startTwin } from '../start-twin.ts'

export const openBackup = (_home: Home, ...rest: Parameters<typeof open>) => open(...rest)

export const openFormerHome = (home: Home, from: Home, keys: Parameters<typeof openHome>[2]) =>
  openHome(from, home, keys)

export const checkBackup = (_home: Home, ...rest: Parameters<typeof check>) => check(...rest)
