import { opensHereOnly } from '../../protocols/pairing/protocol.ts'
import type { Output } from './output.ts'

/** Shows a link that opens the console; as a QR code too where another machine can open it. */
export async function drawConsoleLink(title: string, link: string, out: Output): Promise<void> {
  const isHere = opensHereOnly(link)
  out.line(out.style.bold(`${title}${isHere ? ', in a browser on this machine' : ''}`))
  out.line()
  if (!isHere) {
    const { qrLines } = await import('./qr.ts')
    for (const line of qrLines(link)) out.line(`  ${line}`)
    out.line()
  }
  out.line(`  ${link}`)
  out.line()
  if (!isHere) return
  out.line(
    out.style.dim('For a phone or another machine the console has to come over https: twin start --console-url URL,')
  )
  out.line(
    out.style.dim('see docs/console-hosting.md. Only to look, without https: twin start --console-listen ADDRESS,')
  )
  out.line(out.style.dim('then twin pair --level view'))
}
