import { textToPairingLink } from '../../../protocols/pairing/index.ts'
import { createTwin, openDevice, pairBrowser } from '../../index.ts'
import { toConsoleTwin } from '../to-console-twin.ts'
import type { ConsoleTwin } from '../twin.ts'
import { browserName } from '../welcome/browser-name.ts'

/** Whether a link lets a page over plain http in: one that is for looking only. @throws {PairingError} */
export function isToLook(link: string): boolean {
  const { kind, level } = textToPairingLink(link, Date.now())
  return kind === 'pair' && level === 'view'
}

/** Comes in for a visit. What the page has of it, keys too, ends with the page. */
export async function visit(
  link: string,
  onDigits: (digits: string) => void,
  signal: AbortSignal
): Promise<ConsoleTwin> {
  const device = await openDevice({ isVisit: true })
  const name = browserName()
  await pairBrowser({ device, link, name, platform: name, onShown: ({ digits }) => onDigits(digits), signal })
  return toConsoleTwin(await createTwin({ device, mayDial: isElsewhere }), device)
}

/** The page came from another machine: what listens on this one is not its twin. */
function isElsewhere(address: string): boolean {
  return !/^\/(ip4\/127\.|ip6\/::1\/)/.test(address)
}
