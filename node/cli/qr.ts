import { renderUnicodeCompact } from 'uqr'

/** A QR code for a terminal, two modules a character, light on dark and with the quiet zone that scanners need. */
export function qrLines(text: string): string[] {
  return renderUnicodeCompact(text, { ecc: 'L', border: 2 }).split('\n')
}
